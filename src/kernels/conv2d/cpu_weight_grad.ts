/**
 * What the weight gradient of a convolution asks of the cpu: see cpu_weight_grad.as.ts for how it
 * works, and cpu_depthwise.as.ts for depthwise convolutions.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import { blockOf, blockUpTo, tasksFor } from "../cpu_tasks.ts";
import type { CpuCall, CpuProgram, Spec } from "../kernel.ts";
import { winogradWeightGrad } from "./cpu_winograd.ts";
import { type Conv2dSizes, type Conv2dWeightGradParams, weightGradSizes } from "./sizes.ts";

/** What tells these calls from those of cpu_winograd.ts, which have the same entries. */
const DIRECT = 0;
/** Pixels whose panel of g, 8 channels, is half of a first-level cache. */
const PIXELS = 512;
/** Bytes of the part of the images that a task copies: a part of a second-level cache. */
const COPY_BYTES = 192 * 1024;
/** What scratch memory has room for: a copy, and rows of a task. */
const MOST_COPY_BYTES = 900 * 1024, ROWS = 1000;
/** Rows with which it pays to copy g to a panel first. */
const ROWS_OF_PANEL = 17;
/** Elements that a task of the last call adds up, over all chunks. */
const SUMS = 65536;

/** Rows and columns of pixels of a block, and how many blocks an image has. */
interface Blocks {
  readonly H: number;
  readonly W: number;
  readonly blocksH: number;
  readonly blocksW: number;
}

/** Cuts images into blocks, of which a copy has so many bytes; undefined where one pixel's is too large. */
function blocksOf(
  { OH, OW }: Conv2dSizes,
  bytes: (rows: number, columns: number) => number,
): Blocks | undefined {
  let W = blockUpTo(OW, PIXELS);
  while (W > 1 && bytes(1, W) > COPY_BYTES) W = Math.ceil(W / 2);
  let H = blockUpTo(OH, PIXELS / W);
  while (H > 1 && bytes(H, W) > COPY_BYTES) H = Math.ceil(H / 2);
  if (bytes(H, W) > MOST_COPY_BYTES) return undefined;
  return { H, W, blocksH: Math.ceil(OH / H), blocksW: Math.ceil(OW / W) };
}

/** A call that makes sums of all weights for each chunk of pixels, `parts` tasks to a chunk. */
interface Chunked {
  readonly entry: string;
  readonly words: readonly number[];
  readonly chunks: number;
  readonly parts: number;
}

/** That call, and the one that adds up the chunks. */
function summed(size: number, { entry, words, chunks, parts }: Chunked): CpuProgram {
  const tasks = chunks * parts;
  if (chunks === 1) return { calls: [{ entry, tasks, operands: [0, 1, 2], words }] };
  return {
    scratch: [{ shape: [chunks, size], dtype: "f32" }],
    calls: [{ entry, tasks, operands: [0, 1, 3], words }, sum(size, chunks, 3)],
  };
}

/** The call that adds up chunks of sums; no chunks give zeros. */
function sum(size: number, chunks: number, operand: number): CpuCall {
  const block = blockOf(size, size * chunks / SUMS, 4);
  const words = [DIRECT, size, chunks, block];
  return { entry: "convolveSum", tasks: Math.ceil(size / block), operands: [operand, 2], words };
}

/** Sums of chunks of pixels, then their sum; undefined where scratch memory is too small. */
export function weightGradCpu(
  [x, g]: readonly Spec[],
  params: Conv2dWeightGradParams,
): CpuProgram | undefined {
  const sizes = weightGradSizes(x!, g!, params);
  const { KH, KW, Cout, groups, I, O } = sizes, size = KH * KW * I * Cout;
  if (size === 0) return { calls: [] };
  if (sizeOf(g!.shape) === 0) return { calls: [sum(size, 0, 2)] };
  const fewer = winogradWeightGrad(sizes);
  if (fewer !== undefined) return fewer;
  const program = I === 1 && O === 1 && groups > 1 ? depthwise(sizes) : grouped(sizes);
  return program === undefined ? undefined : summed(size, program);
}

function grouped(sizes: Conv2dSizes): Chunked | undefined {
  const { N, H, W, Cin, KH, KW, OH, OW, Cout, groups, I, O, windows: [h, w] } = sizes;
  const taps = KH * KW;
  // One channel: columns are sorted by their place modulo the stride.
  const bytes = (rows: number, columns: number): number => {
    const lines = (rows - 1) * h.stride + (KH - 1) * h.dilation + 1;
    return lines * w.stride * (columns + Math.ceil((KW - 1) * w.dilation / w.stride)) * 4;
  };
  const blocks = blocksOf(sizes, bytes);
  if (blocks === undefined || taps > ROWS) return undefined;
  const plane = bytes(blocks.H, blocks.W), { blocksH, blocksW } = blocks;
  const channels = blockUpTo(I, Math.max(1, Math.min(ROWS / taps, COPY_BYTES / plane)));
  const room = Math.min(PIXELS / (OH * OW), COPY_BYTES / (plane * channels));
  const images = blocksH * blocksW === 1 ? blockUpTo(N, Math.max(1, room)) : 1;
  const count = Math.ceil(N / images) * blocksH * blocksW, parts = groups * Math.ceil(I / channels);
  const wanted = tasksFor(2 * N * OH * OW * taps * I * Cout);
  const chunks = Math.max(1, Math.min(count, Math.floor(wanted / parts)));
  const packed = O % 8 !== 0 || blocksW > 1 || taps * channels >= ROWS_OF_PANEL;
  const shapes = [N, H, W, Cin, OH, OW, Cout, groups, KH, KW];
  const steps = [h.stride, w.stride, h.padding, w.padding, h.dilation, w.dilation];
  const cuts = [images, blocks.H, blocks.W, channels, blocksH, blocksW, count, chunks];
  const words = [DIRECT, ...shapes, ...steps, ...cuts, Number(packed)];
  return { entry: "convolveWeights", words, chunks, parts };
}

function depthwise(sizes: Conv2dSizes): Chunked | undefined {
  const { N, H, W, Cin, KH, KW, OH, OW, windows: [h, w] } = sizes;
  const blocks = blocksOf(sizes, (rows, columns) => {
    const lines = (rows - 1) * h.stride + (KH - 1) * h.dilation + 1;
    return lines * ((columns - 1) * w.stride + (KW - 1) * w.dilation + 1) * Cin * 4;
  });
  if (blocks === undefined || KH * KW > ROWS) return undefined;
  const { blocksH, blocksW } = blocks, count = N * blocksH * blocksW;
  // It takes twice the time of a product of matrices with as many operations.
  const chunks = Math.min(count, tasksFor(4 * N * OH * OW * KH * KW * Cin));
  const steps = [h.stride, w.stride, h.padding, w.padding, h.dilation, w.dilation];
  const cuts = [blocks.H, blocks.W, blocksH, blocksW, count, chunks];
  const words = [H, W, Cin, OH, OW, KH, KW, ...steps, ...cuts];
  return { entry: "convolveDepthWeights", words, chunks, parts: 1 };
}
