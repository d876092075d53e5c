/** Maximum and average pooling and their gradients, four channels at once. */
import { int, pointer } from "../assembly/arguments.as";
import { choose, keep, read, write } from "../assembly/vectors.as";

type V = v128;

// Words after the addresses, see pooling_cpu.ts.
const H = 0, W = 1, C = 2, OH = 3, OW = 4, KH = 5, KW = 6, SH = 7, SW = 8, PH = 9, PW = 10;
// Of average pooling: whether to divide by the size of the kernel. Of gradients: whether windows
// cover the image without overlap.
const FULL = 11, COVERS = 12;

// The places that a window sees: rows h0 to h1 - 1, columns w0 to w1 - 1.
let h0: i32 = 0, h1: i32 = 0, w0: i32 = 0, w1: i32 = 0;

function seeRows(words: usize, oh: i32): void {
  const start = oh * int(words, SH) - int(words, PH);
  h0 = max(start, 0);
  h1 = min(start + int(words, KH), int(words, H));
}

function seeColumns(words: usize, ow: i32): void {
  const start = ow * int(words, SW) - int(words, PW);
  w0 = max(start, 0);
  w1 = min(start + int(words, KW), int(words, W));
}

/** The largest of a window that begins at `corner`, and its place. */
// @ts-ignore: decorator
@inline
function largest(
  corner: usize, line: usize, pixel: usize, width: i32, y: usize, places: usize,
  count: i32, whole: bool,
): void {
  const height = h1 - h0, across = w1 - w0;
  let first = h0 * width + w0;
  let best = read(corner, count, whole), place = i32x4.splat(first);
  for (let h = 0, row = corner; h < height; h++, row += line, first += width) {
    for (let w = 0, at = row; w < across; w++, at += pixel) {
      const value = read(at, count, whole), wins = f32x4.gt(value, best);
      best = choose(wins, value, best);
      place = choose(wins, i32x4.splat(first + w), place);
    }
  }
  write(y, best, count, whole);
  write(places, place, count, whole);
}

/** The same for four channels of a window of two by two, without loops. */
// @ts-ignore: decorator
@inline
function largestOfFour(
  corner: usize, line: usize, pixel: usize, width: i32, y: usize, places: usize,
): void {
  const first = i32x4.splat(h0 * width + w0), under = i32x4.splat((h0 + 1) * width + w0);
  const a = v128.load(corner), b = v128.load(corner + pixel);
  const c = v128.load(corner + line), d = v128.load(corner + line + pixel);
  // In pairs; of equal ones the first stays. The mask is -1.
  const right = f32x4.gt(b, a), lowRight = f32x4.gt(d, c);
  const high = choose(right, b, a), low = choose(lowRight, d, c), down = f32x4.gt(low, high);
  v128.store(y, choose(down, low, high));
  v128.store(places, choose(down, i32x4.sub(under, lowRight), i32x4.sub(first, right)));
}

/** x -> y, places; a task is a row of windows. */
export function max_pool(args: usize, first: i32, last: i32): void {
  const words = args + 12, width = int(words, W), channels = int(words, C), count = int(words, OW);
  const pixel = <usize> channels << 2, line = pixel * <usize> width;
  for (let task = first; task < last; task++) {
    const n = task / int(words, OH);
    seeRows(words, task - n * int(words, OH));
    const image = pointer(args, 0) + <usize> n * line * <usize> int(words, H) + <usize> h0 * line;
    let to = <usize> (task * count) * pixel;
    for (let ow = 0; ow < count; ow++, to += pixel) {
      seeColumns(words, ow);
      let corner = image + <usize> w0 * pixel, left = channels;
      let y = pointer(args, 1) + to, places = pointer(args, 2) + to;
      if (h1 - h0 === 2 && w1 - w0 === 2) {
        for (; left >= 4; left -= 4, corner += 16, y += 16, places += 16) {
          largestOfFour(corner, line, pixel, width, y, places);
        }
      }
      for (; left >= 4; left -= 4, corner += 16, y += 16, places += 16) {
        largest(corner, line, pixel, width, y, places, 4, true);
      }
      if (left > 0) largest(corner, line, pixel, width, y, places, left, false);
    }
  }
}

/** Gives g of a window to the place that won, adding it, or writing where windows cover all. */
// @ts-ignore: decorator
@inline
function giveBack(
  image: usize, line: usize, pixel: usize, width: i32, g: V, place: V, covers: bool,
  count: i32, whole: bool,
): void {
  const height = h1 - h0, across = w1 - w0;
  let first = h0 * width + w0, row = image + <usize> first * pixel;
  for (let h = 0; h < height; h++, row += line, first += width) {
    for (let w = 0, at = row; w < across; w++, at += pixel) {
      const own = keep(i32x4.eq(place, i32x4.splat(first + w)), g);
      write(at, covers ? own : f32x4.add(read(at, count, whole), own), count, whole);
    }
  }
}

/** The same for four channels of a window of two by two, without loops. */
// @ts-ignore: decorator
@inline
function giveBackFour(
  image: usize, line: usize, pixel: usize, width: i32, g: V, place: V, covers: bool,
): void {
  const first = h0 * width + w0, a = image + <usize> first * pixel, c = a + line;
  const own = keep(i32x4.eq(place, i32x4.splat(first)), g);
  const right = keep(i32x4.eq(place, i32x4.splat(first + 1)), g);
  const down = keep(i32x4.eq(place, i32x4.splat(first + width)), g);
  const last = keep(i32x4.eq(place, i32x4.splat(first + width + 1)), g);
  v128.store(a, covers ? own : f32x4.add(v128.load(a), own));
  v128.store(a + pixel, covers ? right : f32x4.add(v128.load(a + pixel), right));
  v128.store(c, covers ? down : f32x4.add(v128.load(c), down));
  v128.store(c + pixel, covers ? last : f32x4.add(v128.load(c + pixel), last));
}

/** g, places -> dx; a task is an image. */
export function max_pool_grad(args: usize, first: i32, last: i32): void {
  const words = args + 12, width = int(words, W), channels = int(words, C);
  const rows = int(words, OH), columns = int(words, OW), covers = int(words, COVERS) !== 0;
  const pixel = <usize> channels << 2, line = pixel * <usize> width;
  const bytes = line * <usize> int(words, H);
  for (let n = first; n < last; n++) {
    const dx = pointer(args, 2) + <usize> n * bytes;
    if (!covers) memory.fill(dx, 0, bytes);
    for (let window = 0; window < rows * columns; window++) {
      const oh = window / columns;
      seeRows(words, oh);
      seeColumns(words, window - oh * columns);
      const from = <usize> (n * rows * columns + window) * pixel;
      let g = pointer(args, 0) + from, places = pointer(args, 1) + from, image = dx;
      let left = channels;
      if (h1 - h0 === 2 && w1 - w0 === 2) {
        for (; left >= 4; left -= 4, g += 16, places += 16, image += 16) {
          giveBackFour(image, line, pixel, width, v128.load(g), v128.load(places), covers);
        }
      }
      for (; left >= 4; left -= 4, g += 16, places += 16, image += 16) {
        const value = v128.load(g), place = v128.load(places);
        giveBack(image, line, pixel, width, value, place, covers, 4, true);
      }
      if (left === 0) continue;
      const value = read(g, left, false), place = read(places, left, false);
      giveBack(image, line, pixel, width, value, place, covers, left, false);
    }
  }
}

/** What a mean over the window divides by. */
function divisor(words: usize): V {
  const seen = (h1 - h0) * (w1 - w0);
  return f32x4.splat(<f32> (int(words, FULL) !== 0 ? int(words, KH) * int(words, KW) : seen));
}

/** Sum over a window that begins at `corner`. */
// @ts-ignore: decorator
@inline
function total(corner: usize, line: usize, pixel: usize, count: i32, whole: bool): V {
  let sum: V = i32x4.splat(0);
  const height = h1 - h0, across = w1 - w0;
  for (let h = 0, row = corner; h < height; h++, row += line) {
    for (let w = 0, at = row; w < across; w++, at += pixel) {
      sum = f32x4.add(sum, read(at, count, whole));
    }
  }
  return sum;
}

/** x -> y; a task is a row of windows. */
export function avg_pool(args: usize, first: i32, last: i32): void {
  const words = args + 8, channels = int(words, C), count = int(words, OW);
  const pixel = <usize> channels << 2, line = pixel * <usize> int(words, W);
  for (let task = first; task < last; task++) {
    const n = task / int(words, OH);
    seeRows(words, task - n * int(words, OH));
    const image = pointer(args, 0) + <usize> n * line * <usize> int(words, H) + <usize> h0 * line;
    let y = pointer(args, 1) + <usize> (task * count) * pixel;
    for (let ow = 0; ow < count; ow++) {
      seeColumns(words, ow);
      let corner = image + <usize> w0 * pixel, left = channels;
      const under = divisor(words);
      for (; left >= 4; left -= 4, corner += 16, y += 16) {
        v128.store(y, f32x4.div(total(corner, line, pixel, 4, true), under));
      }
      if (left === 0) continue;
      write(y, f32x4.div(total(corner, line, pixel, left, false), under), left, false);
      y += <usize> left << 2;
    }
  }
}

/** Gives each place of a window its share, likewise. */
// @ts-ignore: decorator
@inline
function spread(
  image: usize, line: usize, pixel: usize, share: V, covers: bool, count: i32, whole: bool,
): void {
  const height = h1 - h0, across = w1 - w0;
  let row = image + <usize> h0 * line + <usize> w0 * pixel;
  for (let h = 0; h < height; h++, row += line) {
    for (let w = 0, at = row; w < across; w++, at += pixel) {
      write(at, covers ? share : f32x4.add(read(at, count, whole), share), count, whole);
    }
  }
}

/** g -> dx; a task is an image. */
export function avg_pool_grad(args: usize, first: i32, last: i32): void {
  const words = args + 8, channels = int(words, C);
  const rows = int(words, OH), columns = int(words, OW), covers = int(words, COVERS) !== 0;
  const pixel = <usize> channels << 2, line = pixel * <usize> int(words, W);
  const bytes = line * <usize> int(words, H);
  for (let n = first; n < last; n++) {
    const dx = pointer(args, 1) + <usize> n * bytes;
    if (!covers) memory.fill(dx, 0, bytes);
    for (let window = 0; window < rows * columns; window++) {
      const oh = window / columns;
      seeRows(words, oh);
      seeColumns(words, window - oh * columns);
      const under = divisor(words);
      let g = pointer(args, 0) + <usize> (n * rows * columns + window) * pixel, image = dx;
      let left = channels;
      for (; left >= 4; left -= 4, g += 16, image += 16) {
        spread(image, line, pixel, f32x4.div(v128.load(g), under), covers, 4, true);
      }
      if (left === 0) continue;
      spread(image, line, pixel, f32x4.div(read(g, left, false), under), covers, left, false);
    }
  }
}
