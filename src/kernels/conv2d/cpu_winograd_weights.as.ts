/**
 * The weights of cpu_winograd.as.ts: their transform, and their gradient. With D the inputs and G'
 * the gradients of the outputs of a tile, turning the formula round gives
 *
 *   dw = Gᵀ [ sum over tiles of (A G' Aᵀ) ⊙ (Bᵀ D B) ] G
 *
 * Each of the 36 elements of the sum is a matrix product, channels x tiles times tiles x output
 * channels. Tiles are cut into chunks, which depend on the sizes only; their sums are added up in
 * order at the end, where the last transform is done once.
 */
import { int, multiplyAdd, pointer } from "../assembly/arguments.as";
import { scratch } from "../assembly/thread.as";
import { packPanel, transpose } from "../matmul/cpu_pack.as";
import { BLOCK, CHANNELS, GAP, IMAGES, PART, PLACES, RESULTS, TILES } from "./cpu_winograd.as";
import { FREE, gradientTile, inputTile, sumTile, weightTile } from "./cpu_winograd_tiles.as";

// Words after the addresses of `winogradWeights`, see cpu_winograd.ts.
const INPUTS = 1, OUTPUTS = 2, TURNED = 3;

/** w -> U: for each element of a tile panels of 8 output channels. A task makes a panel. */
export function winogradWeights(address: usize, first: i32, last: i32): void {
  const w = pointer(address, 0), u = pointer(address, 1), words = address + 8;
  const inputs = int(words, INPUTS), outputs = int(words, OUTPUTS);
  const turned = int(words, TURNED) !== 0;
  const depth = turned ? outputs : inputs, wide = turned ? inputs : outputs;
  const step = <usize> outputs << 2, panelBytes = <usize> depth << 5, taps = scratch + FREE;
  const stepU = <usize> ((wide + 7) >> 3) * panelBytes + GAP;
  for (let panel = first; panel < last; panel++) {
    const column = panel << 3, columns = min(8, wide - column);
    if (columns < 8) memory.fill(taps, 0, 9 * panelBytes);
    for (let tap: i32 = 0; tap < 9; tap++) {
      const from = w + <usize> (tap * inputs) * step;
      if (turned) {
        const to = taps + <usize> (8 - tap) * panelBytes;
        transpose(to, 32, from + <usize> column * step, step, columns, depth);
      } else {
        const to = taps + <usize> tap * panelBytes;
        packPanel(to, from + (<usize> column << 2), step, depth, columns);
      }
    }
    const target = u + <usize> panel * panelBytes;
    for (let at: usize = 0; at < panelBytes; at += 16) {
      weightTile(taps + at, panelBytes, target + at, stepU);
    }
  }
}

/** Eight sums to memory, or on top of what is there. */
// @ts-ignore: decorator
@inline
function put(c: usize, x: v128, y: v128, more: bool): void {
  v128.store(c, more ? f32x4.add(v128.load(c), x) : x);
  v128.store(c, more ? f32x4.add(v128.load(c, 16), y) : y, 16);
}

/** C (+)= Aᵀ B for four columns of A and eight of B, over `count` rows of both. */
function multiply(
  count: i32, a: usize, stepA: usize, b: usize, stepB: usize, c: usize, stepC: usize, more: bool,
): void {
  let x0 = f32x4.splat(0), x1 = x0, x2 = x0, x3 = x0, y0 = x0, y1 = x0, y2 = x0, y3 = x0;
  while (true) {
    let u = v128.load(b), v = v128.load(b, 16), s = v128.load32_splat(a);
    x0 = multiplyAdd(s, u, x0), y0 = multiplyAdd(s, v, y0), s = v128.load32_splat(a, 4);
    x1 = multiplyAdd(s, u, x1), y1 = multiplyAdd(s, v, y1), s = v128.load32_splat(a, 8);
    x2 = multiplyAdd(s, u, x2), y2 = multiplyAdd(s, v, y2), s = v128.load32_splat(a, 12);
    x3 = multiplyAdd(s, u, x3), y3 = multiplyAdd(s, v, y3);
    if (count === 1) break;
    a += stepA, b += stepB;
    u = v128.load(b), v = v128.load(b, 16), s = v128.load32_splat(a);
    x0 = multiplyAdd(s, u, x0), y0 = multiplyAdd(s, v, y0), s = v128.load32_splat(a, 4);
    x1 = multiplyAdd(s, u, x1), y1 = multiplyAdd(s, v, y1), s = v128.load32_splat(a, 8);
    x2 = multiplyAdd(s, u, x2), y2 = multiplyAdd(s, v, y2), s = v128.load32_splat(a, 12);
    x3 = multiplyAdd(s, u, x3), y3 = multiplyAdd(s, v, y3);
    count -= 2;
    if (count === 0) break;
    a += stepA, b += stepB;
  }
  put(c, x0, y0, more), c += stepC;
  put(c, x1, y1, more), c += stepC;
  put(c, x2, y2, more), c += stepC;
  put(c, x3, y3, more);
}

/** The word of `winogradSums` after those of both images. */
const CHUNKS = 16;

/** x, g -> the sums of a chunk of tiles. A task makes `PART` input channels of one. */
export function winogradSums(address: usize, first: i32, last: i32): void {
  const x = pointer(address, 0), g = pointer(address, 1), sums = pointer(address, 2);
  const words = address + 12, block = int(words, BLOCK), part = int(words, PART);
  const tiles = int(words, TILES), chunks = int(words, CHUNKS);
  const channels = int(words, IMAGES + CHANNELS), outChannels = int(words, RESULTS + CHANNELS);
  const parts = (channels + part - 1) / part;
  const rowV = <usize> part << 2, rowW = <usize> outChannels << 2;
  const rowSum = <usize> (outChannels + 7 & -8) << 2, stepSum = <usize> channels * rowSum + GAP;
  const stepV = <usize> block * rowV + GAP, stepW = <usize> block * rowW + GAP;
  const edge = <usize> (6 * max(channels, outChannels)) << 2;
  const zeros = scratch + FREE, v = zeros + edge, w = v + PLACES * stepV;
  memory.fill(zeros, 0, edge);
  for (let task = first; task < last; task++) {
    const chunk = task / parts, channel = task % parts * part, some = min(part, channels - channel);
    const begin = <i32> (<i64> tiles * chunk / chunks);
    const end = <i32> (<i64> tiles * (chunk + 1) / chunks);
    const from = x + (<usize> channel << 2), bytes = <usize> some << 2;
    const target = sums + <usize> chunk * PLACES * stepSum + <usize> channel * rowSum;
    for (let tile = begin; tile < end; tile += block) {
      const count = min(block, end - tile);
      for (let i: i32 = 0; i < count; i++) {
        inputTile(words, from, tile + i, bytes, v + <usize> i * rowV, stepV, zeros);
        gradientTile(words, g, tile + i, w + <usize> i * rowW, stepW, zeros);
      }
      for (let place: usize = 0; place < PLACES; place++) {
        const c = target + place * stepSum;
        for (let i: i32 = 0; i < some; i += 4) {
          const a = v + place * stepV + (<usize> i << 2), row = c + <usize> i * rowSum;
          for (let o: usize = 0; o < rowW; o += 32) {
            const b = w + place * stepW + o;
            multiply(count, a, rowV, b, rowW, row + o, rowSum, tile > begin);
          }
        }
      }
    }
  }
}

/** Sums of all chunks -> dw. A task makes `BLOCK` input channels. */
export function winogradWeightGrad(address: usize, first: i32, last: i32): void {
  const sums = pointer(address, 0), dw = pointer(address, 1), words = address + 8;
  const inputs = int(words, INPUTS), outputs = int(words, OUTPUTS);
  const chunks = int(words, 3), block = int(words, 4);
  const row = <usize> outputs << 2, rowSum = <usize> (outputs + 7 & -8) << 2;
  const stepSum = <usize> inputs * rowSum + GAP, chunk = PLACES * stepSum;
  const joined = scratch + FREE, end = min(last * block, inputs);
  for (let i = first * block; i < end; i++) {
    for (let o: usize = 0; o < row; o += 16) {
      let from = sums + <usize> i * rowSum + o;
      for (let place: usize = 0; place < PLACES; place++, from += stepSum) {
        let sum = v128.load(from), p = from;
        for (let left = chunks; left > 1; left--) {
          p += chunk;
          sum = f32x4.add(sum, v128.load(p));
        }
        v128.store(joined + (place << 4), sum);
      }
      sumTile(joined, dw + <usize> i * row + o, <usize> inputs * row);
    }
  }
}
