import { sizeOf } from "../../shape.ts";
import type { CpuProgram, Spec } from "../kernel.ts";
import { type Conv2dWeightGradParams, weightGradSizes } from "./sizes.ts";

/** Pixels whose panel of g, 8 channels, is half of a first-level cache. */
const PIXELS = 512;
/** Bytes of the part of the images that a task copies: a part of a second-level cache. */
const COPY_BYTES = 192 * 1024;
/** The most that scratch memory has room for. */
const MOST_COPY_BYTES = 900 * 1024;
/** Rows of a task at most: their list lies in scratch memory. */
const ROWS = 1000;
/** Work that is worth a task of its own. */
const TASK_FLOPS = 1.5e6;
/** As many tasks as keep the threads of a large machine busy to the end. */
const MOST_TASKS = 64;
/** Elements that a task of the second call adds up, over all chunks. */
const SUMS = 65536;

/** `size` in equal parts of at most `most`. */
function even(size: number, most: number): number {
  return Math.ceil(size / Math.ceil(size / Math.max(1, Math.min(size, most))));
}

/** Sums of chunks of pixels, then their sum; undefined where scratch memory is too small. */
export function weightGradCpu(
  [x, g]: readonly Spec[],
  params: Conv2dWeightGradParams,
): CpuProgram | undefined {
  const sizes = weightGradSizes(x!, g!, params);
  const { N, H, W, Cin, KH, KW, OH, OW, Cout, groups, I, O, windows: [h, w] } = sizes;
  const size = KH * KW * I * Cout, taps = KH * KW;
  if (size === 0) return { calls: [] };
  if (sizeOf(g!.shape) === 0 || taps > ROWS) return undefined;
  const bytes = (rows: number, columns: number): number => {
    const lines = (rows - 1) * h.stride + (KH - 1) * h.dilation + 1;
    const line = w.stride * (columns + Math.ceil((KW - 1) * w.dilation / w.stride));
    return lines * line * 4;
  };
  let blockW = even(OW, PIXELS);
  while (blockW > 1 && bytes(1, blockW) > COPY_BYTES) blockW = Math.ceil(blockW / 2);
  let blockH = even(OH, PIXELS / blockW);
  while (blockH > 1 && bytes(blockH, blockW) > COPY_BYTES) blockH = Math.ceil(blockH / 2);
  const plane = bytes(blockH, blockW);
  if (plane > MOST_COPY_BYTES) return undefined;
  const blockC = even(I, Math.min(ROWS / taps, COPY_BYTES / plane));
  const whole = blockH === OH && blockW === OW;
  const blockN = whole ? even(N, Math.min(PIXELS / (OH * OW), COPY_BYTES / (plane * blockC))) : 1;
  const blocksH = Math.ceil(OH / blockH), blocksW = Math.ceil(OW / blockW);
  const blocks = Math.ceil(N / blockN) * blocksH * blocksW;
  const parts = groups * Math.ceil(I / blockC);
  const flops = 2 * N * OH * OW * size;
  const wanted = Math.min(MOST_TASKS, Math.floor(flops / TASK_FLOPS));
  const chunks = Math.max(1, Math.min(blocks, Math.floor(wanted / parts)));
  const packed = O % 8 !== 0 || blocksW > 1 || taps * blockC > 16;
  const words = [
    N,
    H,
    W,
    Cin,
    OH,
    OW,
    Cout,
    groups,
    KH,
    KW,
    h.stride,
    w.stride,
    h.padding,
    w.padding,
    h.dilation,
    w.dilation,
    blockN,
    blockH,
    blockW,
    blockC,
    blocksH,
    blocksW,
    blocks,
    chunks,
    Number(packed),
  ];
  const tasks = chunks * parts, entry = "convolveWeights";
  if (chunks === 1) return { calls: [{ entry, tasks, operands: [0, 1, 2], words }] };
  const block = 4 * Math.ceil(Math.max(64, SUMS / chunks) / 4);
  return {
    scratch: [{ shape: [chunks, size], dtype: "f32" }],
    calls: [
      { entry, tasks, operands: [0, 1, 3], words },
      {
        entry: "convolveSum",
        tasks: Math.ceil(size / block),
        operands: [3, 2],
        words: [size, chunks, block],
      },
    ],
  };
}
