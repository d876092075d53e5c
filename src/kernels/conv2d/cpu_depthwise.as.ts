/**
 * Depthwise convolution: every channel is a group of its own, so there is no product of matrices,
 * and a vector holds eight neighbouring channels.
 */
import { int, multiplyAdd, pointer } from "../assembly/arguments.as";
import { scratch } from "../assembly/thread.as";
import { loadPart, storePart } from "../assembly/vectors.as";
import { packPanel } from "../matmul/cpu_pack.as";
import { stage } from "./cpu_stage.as";

/**
 * y[pixel, c] = sum over taps of x[pixel + tap, c] w[tap, c] for 8 channels or fewer. Pixels are
 * listed in groups of four as for `sweep`; `taps` lists where taps lie (i32, bytes); weights of a
 * tap lie `stepW` bytes after those of the one before.
 */
export function blend(
  pixels: usize,
  groups: i32,
  x: usize,
  taps: usize,
  count: i32,
  w: usize,
  stepW: usize,
  y: usize,
  channels: i32,
): void {
  const end = taps + (<usize> count << 2);
  for (; groups > 0; groups--, pixels += 32) {
    const x0 = x + load<i32>(pixels), x1 = x + load<i32>(pixels, 8);
    const x2 = x + load<i32>(pixels, 16), x3 = x + load<i32>(pixels, 24);
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    for (let tap = taps, p = w; tap < end; tap += 4, p += stepW) {
      const at = load<i32>(tap);
      const u = v128.load(p), v = v128.load(p, 16);
      a0 = multiplyAdd(v128.load(x0 + at), u, a0), a1 = multiplyAdd(v128.load(x1 + at), u, a1);
      a2 = multiplyAdd(v128.load(x2 + at), u, a2), a3 = multiplyAdd(v128.load(x3 + at), u, a3);
      // Never: it keeps compilers from loading more at once than the registers hold.
      if (p === 0) break;
      b0 = multiplyAdd(v128.load(x0 + at, 16), v, b0),
        b1 = multiplyAdd(v128.load(x1 + at, 16), v, b1);
      b2 = multiplyAdd(v128.load(x2 + at, 16), v, b2),
        b3 = multiplyAdd(v128.load(x3 + at, 16), v, b3);
    }
    const y0 = y + load<i32>(pixels, 4), y1 = y + load<i32>(pixels, 12);
    const y2 = y + load<i32>(pixels, 20), y3 = y + load<i32>(pixels, 28);
    if (channels >= 8) {
      v128.store(y0, a0), v128.store(y0, b0, 16);
      v128.store(y1, a1), v128.store(y1, b1, 16);
      v128.store(y2, a2), v128.store(y2, b2, 16);
      v128.store(y3, a3), v128.store(y3, b3, 16);
      continue;
    }
    put(y0, a0, b0, channels);
    put(y1, a1, b1, channels);
    put(y2, a2, b2, channels);
    put(y3, a3, b3, channels);
  }
}

function put(to: usize, a: v128, b: v128, channels: i32): void {
  if (channels >= 8) {
    v128.store(to, a);
    v128.store(to, b, 16);
    return;
  }
  storePart(to, a, channels);
  if (channels > 4) storePart(to + 16, b, channels - 4);
}

/**
 * dw[tap, c] (+)= sum over pixels of x[pixel + tap, c] g[pixel, c] for 8 channels or fewer. Pixels
 * are lines of `length`: `starts` lists where they begin in x and in g (two i32, bytes), where steps
 * from pixel to pixel are `stepX` and `stepG`. `rows` lists where taps begin, in x and in dw.
 */
function gather(
  rows: usize,
  groups: i32,
  x: usize,
  starts: usize,
  lines: i32,
  length: i32,
  stepX: usize,
  g: usize,
  stepG: usize,
  dw: usize,
  channels: i32,
  more: bool,
): void {
  const last = starts + (<usize> lines << 3);
  for (; groups > 0; groups--, rows += 32) {
    const to0 = dw + load<i32>(rows, 4), to1 = dw + load<i32>(rows, 12);
    const to2 = dw + load<i32>(rows, 20), to3 = dw + load<i32>(rows, 28);
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    if (more) {
      a0 = loadPart(to0, channels), a1 = loadPart(to1, channels);
      a2 = loadPart(to2, channels), a3 = loadPart(to3, channels);
      if (channels > 4) {
        b0 = loadPart(to0 + 16, channels - 4), b1 = loadPart(to1 + 16, channels - 4);
        b2 = loadPart(to2 + 16, channels - 4), b3 = loadPart(to3 + 16, channels - 4);
      }
    }
    for (let line = starts; line < last; line += 8) {
      let p = g + load<i32>(line, 4);
      const start = x + load<i32>(line);
      let x0 = start + load<i32>(rows), x1 = start + load<i32>(rows, 8);
      let x2 = start + load<i32>(rows, 16), x3 = start + load<i32>(rows, 24);
      for (let left = length; left > 0; left--) {
        const u = v128.load(p), v = v128.load(p, 16);
        a0 = multiplyAdd(v128.load(x0), u, a0), a1 = multiplyAdd(v128.load(x1), u, a1);
        a2 = multiplyAdd(v128.load(x2), u, a2), a3 = multiplyAdd(v128.load(x3), u, a3);
        // Never, as above.
        if (p === 0) break;
        b0 = multiplyAdd(v128.load(x0, 16), v, b0), b1 = multiplyAdd(v128.load(x1, 16), v, b1);
        b2 = multiplyAdd(v128.load(x2, 16), v, b2), b3 = multiplyAdd(v128.load(x3, 16), v, b3);
        p += stepG, x0 += stepX, x1 += stepX, x2 += stepX, x3 += stepX;
      }
    }
    put(to0, a0, b0, channels);
    put(to1, a1, b1, channels);
    put(to2, a2, b2, channels);
    put(to3, a3, b3, channels);
  }
}

// Words after the addresses of `convolveDepthWeights`, see cpu_depthwise.ts.
const HEIGHT = 0,
  WIDTH = 1,
  CHANNELS = 2,
  OUT_HEIGHT = 3,
  OUT_WIDTH = 4,
  KERNEL_H = 5,
  KERNEL_W = 6,
  STRIDE_H = 7,
  STRIDE_W = 8,
  PADDING_H = 9,
  PADDING_W = 10,
  DILATION_H = 11,
  DILATION_W = 12,
  BLOCK_H = 13,
  BLOCK_W = 14,
  BLOCKS_H = 15,
  BLOCKS_W = 16,
  BLOCKS = 17,
  CHUNKS = 18;

/** In scratch memory: where taps begin; where lines begin; a panel of g; the copy of x. */
const STARTS: usize = 8192, PANEL: usize = 16384, COPY: usize = 49152;

/** Sums of one chunk of blocks of pixels, for all taps and channels. */
export function convolveDepthWeights(address: usize, first: i32, last: i32): void {
  const words = address + 12;
  const height = int(words, HEIGHT), width = int(words, WIDTH), channels = int(words, CHANNELS);
  const outHeight = int(words, OUT_HEIGHT), outWidth = int(words, OUT_WIDTH);
  const kernelH = int(words, KERNEL_H), kernelW = int(words, KERNEL_W);
  const strideH = int(words, STRIDE_H), strideW = int(words, STRIDE_W);
  const dilationH = int(words, DILATION_H), dilationW = int(words, DILATION_W);
  const blockH = int(words, BLOCK_H), blockW = int(words, BLOCK_W);
  const blocksH = int(words, BLOCKS_H), blocksW = int(words, BLOCKS_W);
  const blocks = int(words, BLOCKS), chunks = int(words, CHUNKS);
  const x = pointer(address, 0), g = pointer(address, 1), sums = pointer(address, 2);
  const taps = kernelH * kernelW, pixel = <usize> channels << 2;
  const rows = (blockH - 1) * strideH + (kernelH - 1) * dilationH + 1;
  const columns = (blockW - 1) * strideW + (kernelW - 1) * dilationW + 1;
  const line = <usize> columns * pixel, copy = scratch + COPY;
  const fours = (taps + 3) >> 2;
  for (let tap: i32 = 0; tap < fours << 2; tap++) {
    const held = min(tap, taps - 1), at = scratch + (<usize> tap << 3);
    const i = held / kernelW * dilationH, j = held % kernelW * dilationW;
    store<u32>(at, <u32> (<usize> i * line + <usize> j * pixel));
    store<u32>(at, <u32> (<usize> held * pixel), 4);
  }
  for (let chunk = first; chunk < last; chunk++) {
    const target = sums + <usize> (chunk * taps) * pixel;
    const begin = <i32> (<i64> blocks * chunk / chunks);
    const end = <i32> (<i64> blocks * (chunk + 1) / chunks);
    for (let block = begin; block < end; block++) {
      const left = block % blocksW * blockW, top = block / blocksW % blocksH * blockH;
      const n = block / (blocksW * blocksH);
      const high = min(blockH, outHeight - top), wide = min(blockW, outWidth - left);
      const image = x + <usize> (n * height * width) * pixel;
      const inTop = top * strideH - int(words, PADDING_H);
      const inLeft = left * strideW - int(words, PADDING_W);
      stage(copy, image, height, width, pixel, pixel, inTop, inLeft, rows, columns);
      const from = g + <usize> ((n * outHeight + top) * outWidth + left) * pixel;
      for (let channel: i32 = 0; channel < channels; channel += 8) {
        const count = min(8, channels - channel), offset = <usize> channel << 2;
        // What is left of the channels is copied first, not to read past the end of g.
        const part = count < 8, stepG = part ? 32 : pixel;
        for (let j: i32 = 0; j < high; j++) {
          const at = scratch + STARTS + (<usize> j << 3), row = <usize> (j * outWidth) * pixel;
          const place = <usize> (j * wide) << 5;
          if (part) packPanel(scratch + PANEL + place, from + row + offset, pixel, wide, count);
          store<u32>(at, <u32> (<usize> (j * strideH) * line));
          store<u32>(at, <u32> (part ? place : row), 4);
        }
        gather(
          scratch,
          fours,
          copy + offset,
          scratch + STARTS,
          high,
          wide,
          <usize> strideW * pixel,
          part ? scratch + PANEL : from + offset,
          stepG,
          target + offset,
          count,
          block > begin,
        );
      }
    }
  }
}
