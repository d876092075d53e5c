/**
 * Convolution 3x3 with fewer multiplications: the minimal filtering algorithm F(4x4, 3x3) of
 * Winograd, in the form of Lavin and Gray (Fast algorithms for convolutional neural networks, 2016,
 * section 4.1).
 *
 * Along one axis, 4 neighbouring outputs see 6 inputs d through 3 weights g, with 4 x 3 = 12
 * multiplications. Read as polynomials, d and g are known by their values at 6 points, and values
 * are multiplied one by one: 6 multiplications, and sums before and after,
 *
 *   y = Aᵀ [ (G g) ⊙ (Bᵀ d) ]    (⊙: element by element)
 *
 * With the points 0, a, -a, b, -b and infinity, and s = 1 / 2a²(a²-b²), t = 1 / 2b²(b²-a²),
 *
 *       [ a²b²   0   -a²-b²    0     1   0 ]       [ 1/a²b²   0    0   ]
 *       [  0   -ab²   -b²      a     1   0 ]       [   s     sa   sa²  ]       [ 1  1  1  1  1  0 ]
 *  Bᵀ = [  0    ab²   -b²     -a     1   0 ]   G = [   s    -sa   sa²  ]  Aᵀ = [ 0  a -a  b -b  0 ]
 *       [  0   -a²b   -a²      b     1   0 ]       [   t     tb   tb²  ]       [ 0  a² a² b² b² 0 ]
 *       [  0    a²b   -a²     -b     1   0 ]       [   t    -tb   tb²  ]       [ 0  a³-a³ b³-b³ 1 ]
 *       [  0    a²b²    0   -a²-b²   0   1 ]       [   0      0    1   ]
 *
 * Along both axes a tile of 4x4 outputs Y sees 6x6 inputs D, with 36 multiplications for 144:
 *
 *   Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ D B) ] A
 *
 * Summed over input channels, each of the 36 elements is a matrix product of its own, tiles x
 * channels times channels x output channels. So a task takes a block of tiles, transforms them to
 * 36 matrices V in scratch memory, multiplies these by the transformed weights U, and transforms
 * the 36 products M back. The input gradient is the same with turned weights; for the weight
 * gradient see cpu_winograd_weights.as.ts. A result never depends on the other tiles of its block.
 *
 * Accuracy. Lavin and Gray take a = 1 and b = 2. With a = 3/4 and b = 3/2 all of A and B is exact
 * in f32, too, and errors are half as large. test/kernels/conv2d_winograd.test.ts holds this to:
 *
 * - No error is above 2e-6 of (largest number of the 6x6 pixels) x (sum of the weights' sizes).
 *   So an output that is small next to others of its tile shares their error.
 * - The root mean square error is below 2e-6 of that of the result. It is at most 4 times that of
 *   direct sums in f32, as a rule 2 to 3 times, and below it where all numbers have one sign.
 * - Where nine of ten numbers are 0, direct sums have few terms: it is up to 12 times theirs. Sums
 *   of small whole numbers, which directly are exact, are rounded; zeros alone give zeros.
 * - A network learns with the same losses to 1e-4 over 50 steps, where a unit near 0 may switch.
 *
 * Infinity and NaN spread over a tile.
 */
import { int, multiplyAdd, pointer } from "../assembly/arguments.as";
import { scratch } from "../assembly/thread.as";
import { FREE, inputTile, outputTile } from "./cpu_winograd_tiles.as";

// Words after the addresses of `winogradOutputs` and `winogradSums`, see cpu_winograd.ts. What is
// read and what is written has five words: height, width, channels, where the first tile begins.
export const TILES_H = 1, TILES_W = 2, TILES = 3, BLOCK = 4, PART = 5, IMAGES = 6, RESULTS = 11;
export const HEIGHT = 0, WIDTH = 1, CHANNELS = 2, TOP = 3, LEFT = 4;

/** Elements of a transformed tile. */
export const PLACES: usize = 36;

/** Bytes between matrices more than they need: else all 36 would meet in a few lines of a cache. */
export const GAP: usize = 64;

/**
 * C = A B for four rows at a time and eight columns: the loop of `sweep` for rows that lie close
 * together and a short `depth`, where lists of rows would cost too much.
 */
function multiply(fours: i32, depth: i32, a: usize, b: usize, c: usize, stepC: usize): void {
  const stepA = <usize> depth << 2;
  for (; fours > 0; fours--, a += stepA << 2) {
    let a0 = a, a1 = a0 + stepA, a2 = a1 + stepA, a3 = a2 + stepA, p = b, left = depth;
    let x0 = f32x4.splat(0), x1 = x0, x2 = x0, x3 = x0, y0 = x0, y1 = x0, y2 = x0, y3 = x0;
    while (true) {
      let u = v128.load(p), v = v128.load(p, 16), s = v128.load32_splat(a0);
      x0 = multiplyAdd(s, u, x0), y0 = multiplyAdd(s, v, y0), s = v128.load32_splat(a1);
      x1 = multiplyAdd(s, u, x1), y1 = multiplyAdd(s, v, y1), s = v128.load32_splat(a2);
      x2 = multiplyAdd(s, u, x2), y2 = multiplyAdd(s, v, y2), s = v128.load32_splat(a3);
      x3 = multiplyAdd(s, u, x3), y3 = multiplyAdd(s, v, y3);
      if (left === 1) break;
      u = v128.load(p, 32), v = v128.load(p, 48), s = v128.load32_splat(a0, 4);
      x0 = multiplyAdd(s, u, x0), y0 = multiplyAdd(s, v, y0), s = v128.load32_splat(a1, 4);
      x1 = multiplyAdd(s, u, x1), y1 = multiplyAdd(s, v, y1), s = v128.load32_splat(a2, 4);
      x2 = multiplyAdd(s, u, x2), y2 = multiplyAdd(s, v, y2), s = v128.load32_splat(a3, 4);
      x3 = multiplyAdd(s, u, x3), y3 = multiplyAdd(s, v, y3);
      if (left === 2) break;
      u = v128.load(p, 64), v = v128.load(p, 80), s = v128.load32_splat(a0, 8);
      x0 = multiplyAdd(s, u, x0), y0 = multiplyAdd(s, v, y0), s = v128.load32_splat(a1, 8);
      x1 = multiplyAdd(s, u, x1), y1 = multiplyAdd(s, v, y1), s = v128.load32_splat(a2, 8);
      x2 = multiplyAdd(s, u, x2), y2 = multiplyAdd(s, v, y2), s = v128.load32_splat(a3, 8);
      x3 = multiplyAdd(s, u, x3), y3 = multiplyAdd(s, v, y3);
      if (left === 3) break;
      u = v128.load(p, 96), v = v128.load(p, 112), s = v128.load32_splat(a0, 12);
      x0 = multiplyAdd(s, u, x0), y0 = multiplyAdd(s, v, y0), s = v128.load32_splat(a1, 12);
      x1 = multiplyAdd(s, u, x1), y1 = multiplyAdd(s, v, y1), s = v128.load32_splat(a2, 12);
      x2 = multiplyAdd(s, u, x2), y2 = multiplyAdd(s, v, y2), s = v128.load32_splat(a3, 12);
      x3 = multiplyAdd(s, u, x3), y3 = multiplyAdd(s, v, y3);
      left -= 4, p += 128;
      if (left === 0) break;
      a0 += 16, a1 += 16, a2 += 16, a3 += 16;
    }
    v128.store(c, x0), v128.store(c, y0, 16), c += stepC;
    v128.store(c, x1), v128.store(c, y1, 16), c += stepC;
    v128.store(c, x2), v128.store(c, y2, 16), c += stepC;
    v128.store(c, x3), v128.store(c, y3, 16), c += stepC;
  }
}

/**
 * x, U -> y. A task makes `BLOCK` tiles and `PART` panels of 8 channels of them; parts of a block
 * follow each other and share its V.
 */
export function winogradOutputs(address: usize, first: i32, last: i32): void {
  const x = pointer(address, 0), u = pointer(address, 1), y = pointer(address, 2);
  const words = address + 12, block = int(words, BLOCK), part = int(words, PART);
  const channels = int(words, IMAGES + CHANNELS), outChannels = int(words, RESULTS + CHANNELS);
  const panels = (outChannels + 7) >> 3, parts = (panels + part - 1) / part;
  const rowV = <usize> channels << 2, rowM = <usize> part << 5;
  const stepU = <usize> panels * (rowV << 3) + GAP;
  const stepV = <usize> block * rowV + GAP, stepM = <usize> block * rowM + GAP;
  const zeros = scratch + FREE, v = zeros + 6 * rowV, m = v + PLACES * stepV;
  memory.fill(zeros, 0, 6 * rowV);
  let held: i32 = -1;
  for (let task = first; task < last; task++) {
    const tile = task / parts * block, count = min(block, int(words, TILES) - tile);
    if (held !== tile) {
      for (let i: i32 = 0; i < count; i++) {
        inputTile(words, x, tile + i, rowV, v + <usize> i * rowV, stepV, zeros);
      }
      held = tile;
    }
    const panel = task % parts * part, some = min(part, panels - panel);
    for (let place: usize = 0; place < PLACES; place++) {
      const a = v + place * stepV, b = u + place * stepU, c = m + place * stepM;
      for (let k: i32 = 0; k < some; k++) {
        const from = b + <usize> (panel + k) * (rowV << 3), to = c + (<usize> k << 5);
        multiply((count + 3) >> 2, channels, a, from, to, rowM);
      }
    }
    const channel = panel << 3, bytes = <usize> min(some << 3, outChannels - channel) << 2;
    const result = y + (<usize> channel << 2);
    for (let i: i32 = 0; i < count; i++) {
      outputTile(words, m + <usize> i * rowM, stepM, tile + i, bytes, result);
    }
  }
}
