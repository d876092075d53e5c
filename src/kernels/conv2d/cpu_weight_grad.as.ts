/**
 * The weight gradient of a convolution on the cpu, as a matrix product that is never laid out:
 * dw[tap, ci, co] = sum over pixels of x[pixel + tap, ci] g[pixel, co].
 *
 * A row of A belongs to one weight's tap and input channel: the inputs that it meets, pixel by
 * pixel. So a task copies its part of the images channel by channel, with zeros around, and each
 * row of pixels is a stretch of neighbouring numbers. With a stride, columns of the copy are sorted
 * by their place modulo it. B is g as it lies, or a panel copied from it.
 *
 * Pixels are many and weights few, so pixels are cut into chunks that depend on the sizes only: each
 * has sums of its own, which a second call adds up in order.
 */
import { int, pointer } from "../assembly/arguments.as";
import { scratch } from "../assembly/thread.as";
import { sweep } from "../matmul/cpu.as";
import { packPanel, transpose } from "../matmul/cpu_pack.as";
import { WINOGRAD } from "./cpu.as";
import { winogradSums, winogradWeightGrad } from "./cpu_winograd_weights.as";

// Words after the addresses of `convolveWeights`, see cpu_weight_grad.ts.
const KIND = 0,
  IMAGES = 1,
  HEIGHT = 2,
  WIDTH = 3,
  CHANNELS = 4,
  OUT_HEIGHT = 5,
  OUT_WIDTH = 6,
  OUT_CHANNELS = 7,
  GROUPS = 8,
  KERNEL_H = 9,
  KERNEL_W = 10,
  STRIDE_H = 11,
  STRIDE_W = 12,
  PADDING_H = 13,
  PADDING_W = 14,
  DILATION_H = 15,
  DILATION_W = 16,
  BLOCK_N = 17,
  BLOCK_H = 18,
  BLOCK_W = 19,
  BLOCK_C = 20,
  BLOCKS_H = 21,
  BLOCKS_W = 22,
  BLOCKS = 23,
  CHUNKS = 24,
  PACKED = 25;

/** In scratch memory: where rows begin; where stretches begin; a panel of g; the copy. */
const STARTS: usize = 8192, PANEL: usize = 16384, COPY: usize = 81920;

/**
 * Copies `channels` channels of a part of an image, one after the other: each has `rows` lines, and
 * each line has `strideW` parts of `wide` columns.
 */
function stage(
  words: usize,
  to: usize,
  image: usize,
  top: i32,
  left: i32,
  rows: i32,
  wide: i32,
  channels: i32,
): void {
  const height = int(words, HEIGHT), width = int(words, WIDTH), stride = int(words, STRIDE_W);
  const pixel = <usize> int(words, CHANNELS) << 2, line = <usize> (stride * wide) << 2;
  const plane = <usize> rows * line, strideH = int(words, STRIDE_H);
  // Windows that are smaller than their stride leave gaps, which nobody reads.
  const reachH = (int(words, KERNEL_H) - 1) * int(words, DILATION_H) + 1;
  const reachW = (int(words, KERNEL_W) - 1) * int(words, DILATION_W) + 1;
  const parts = min(stride, reachW);
  for (let row: i32 = 0; row < rows; row++) {
    if (top + row < 0 || top + row >= height || row % strideH >= reachH) continue;
    const from = image + <usize> ((top + row) * width) * pixel;
    for (let part: i32 = 0; part < parts; part++) {
      // Columns left + part + j stride, for j where that is inside of the image.
      const column = left + part;
      const begin = column < 0 ? (stride - 1 - column) / stride : 0;
      const end = min(wide, (width - column + stride - 1) / stride);
      if (begin >= end) continue;
      const at = to + <usize> row * line + (<usize> (part * wide + begin) << 2);
      const source = from + <usize> (column + begin * stride) * pixel;
      transpose(at, plane, source, <usize> stride * pixel, end - begin, channels);
    }
  }
}

/** Sums of one chunk of pixels for a block of input channels and all output channels of a group. */
export function convolveWeights(address: usize, first: i32, last: i32): void {
  const words = address + 12;
  if (int(words, KIND) === WINOGRAD) {
    winogradSums(address, first, last);
    return;
  }
  const height = int(words, HEIGHT), width = int(words, WIDTH), channels = int(words, CHANNELS);
  const outHeight = int(words, OUT_HEIGHT), outWidth = int(words, OUT_WIDTH);
  const outChannels = int(words, OUT_CHANNELS), groups = int(words, GROUPS);
  const kernelH = int(words, KERNEL_H), kernelW = int(words, KERNEL_W);
  const strideH = int(words, STRIDE_H), strideW = int(words, STRIDE_W);
  const dilationH = int(words, DILATION_H), dilationW = int(words, DILATION_W);
  const blockN = int(words, BLOCK_N), blockH = int(words, BLOCK_H), blockW = int(words, BLOCK_W);
  const blockC = int(words, BLOCK_C),
    blocksH = int(words, BLOCKS_H),
    blocksW = int(words, BLOCKS_W);
  const blocks = int(words, BLOCKS), chunks = int(words, CHUNKS), packed = int(words, PACKED) !== 0;
  const x = pointer(address, 0), g = pointer(address, 1), sums = pointer(address, 2);
  const inputs = channels / groups, outputs = outChannels / groups;
  const panels = (outputs + 7) >> 3, parts = (inputs + blockC - 1) / blockC;
  const pixelG = <usize> outChannels << 2;
  const rows = (blockH - 1) * strideH + (kernelH - 1) * dilationH + 1;
  const wide = blockW + ((kernelW - 1) * dilationW + strideW - 1) / strideW;
  const line = <usize> (strideW * wide) << 2, plane = <usize> rows * line;
  const list = scratch,
    starts = scratch + STARTS,
    panelOfG = scratch + PANEL,
    copy = scratch + COPY;
  for (let task = first; task < last; task++) {
    const chunk = task / (parts * groups), group = task / parts % groups;
    const channel = task % parts * blockC, count = min(blockC, inputs - channel);
    const image = <usize> count * plane;

    // Where the rows begin: tap by tap, channel by channel.
    let at = list;
    for (let tap: i32 = 0; tap < kernelH * kernelW; tap++) {
      const i = tap / kernelW * dilationH, j = tap % kernelW * dilationW;
      const from = <usize> i * line + (<usize> (j % strideW * wide + j / strideW) << 2);
      for (let c: i32 = 0; c < count; c++) {
        store<u32>(at, <u32> (from + <usize> c * plane));
        store<u32>(at, <u32> (<usize> (tap * inputs + channel + c) * pixelG), 4);
        at += 8;
      }
    }
    const fours = (kernelH * kernelW * count + 3) >> 2;
    for (; at < list + (<usize> fours << 5); at += 8) store<u64>(at, load<u64>(at - 8));

    const weights = kernelH * kernelW * inputs * outChannels;
    const target = sums + (<usize> chunk * weights + group * outputs << 2);
    const begin = <i32> (<i64> blocks * chunk / chunks),
      end = <i32> (<i64> blocks * (chunk + 1) / chunks);
    for (let block = begin; block < end; block++) {
      const left = block % blocksW * blockW, top = block / blocksW % blocksH * blockH;
      const n = block / (blocksW * blocksH) * blockN;
      const images = min(blockN, int(words, IMAGES) - n);
      const high = min(blockH, outHeight - top), across = min(blockW, outWidth - left);
      const inTop = top * strideH - int(words, PADDING_H);
      const inLeft = left * strideW - int(words, PADDING_W);
      memory.fill(copy, 0, <usize> images * image);
      for (let i: i32 = 0; i < images; i++) {
        const from = x +
          (<usize> (n + i) * height * width * channels + group * inputs + channel << 2);
        stage(words, copy + <usize> i * image, from, inTop, inLeft, rows, wide, count);
        for (let j: i32 = 0; j < high; j++) {
          const place = <usize> i * image + <usize> (j * strideH) * line;
          store<u32>(starts + (<usize> (i * high + j) << 2), <u32> place);
        }
      }
      const from = g + <usize> ((n * outHeight + top) * outWidth + left) * pixelG +
        (<usize> (group * outputs) << 2);
      for (let panel: i32 = 0; panel < panels; panel++) {
        const columns = min(8, outputs - (panel << 3)), offset = <usize> panel << 5;
        let b = from + offset, stepB = pixelG;
        if (packed) {
          let to = panelOfG;
          if (columns < 8) memory.fill(to, 0, <usize> (images * high * across) << 5);
          for (let i: i32 = 0; i < images; i++) {
            for (let j: i32 = 0; j < high; j++) {
              const row = from + offset + <usize> ((i * outHeight + j) * outWidth) * pixelG;
              packPanel(to, row, pixelG, across, columns);
              to += <usize> across << 5;
            }
          }
          b = panelOfG;
          stepB = 32;
        }
        sweep(
          list,
          fours,
          copy,
          starts,
          images * high,
          across,
          b,
          stepB,
          target + offset,
          columns,
          block > begin,
        );
      }
    }
  }
}

/** Adds up the sums of all chunks in order; zeros where there are none. A task makes `BLOCK` elements. */
export function convolveSum(address: usize, first: i32, last: i32): void {
  const sums = pointer(address, 0), result = pointer(address, 1), words = address + 8;
  if (int(words, KIND) === WINOGRAD) {
    winogradWeightGrad(address, first, last);
    return;
  }
  const size = int(words, 1), chunks = int(words, 2), block = int(words, 3);
  const step = <usize> size << 2, end = <usize> min(size, last * block) << 2;
  let at = <usize> (first * block) << 2;
  for (; at + 16 <= end; at += 16) {
    let sum = f32x4.splat(0), from = sums + at;
    for (let chunk: i32 = 0; chunk < chunks; chunk++, from += step) {
      sum = f32x4.add(sum, v128.load(from));
    }
    v128.store(result + at, sum);
  }
  for (; at < end; at += 4) {
    let sum: f32 = 0, from = sums + at;
    for (let chunk: i32 = 0; chunk < chunks; chunk++, from += step) sum += load<f32>(from);
    store<f32>(result + at, sum);
  }
}
