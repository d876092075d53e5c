/** Maximum and average pooling and their gradients, four channels at once. */
import { int, pointer } from "../backend/cpu/assembly/arguments.as";
import { choose, keep, loadPart, storePart } from "../backend/cpu/assembly/vectors.as";

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

/** x -> y, places; a task is a row of windows. */
export function max_pool(args: usize, first: i32, last: i32): void {
  const words = args + 12, width = int(words, W), channels = int(words, C), count = int(words, OW);
  const pixel = <usize> channels << 2, line = pixel * <usize> width;
  for (let task = first; task < last; task++) {
    const n = task / int(words, OH);
    seeRows(words, task - n * int(words, OH));
    const image = pointer(args, 0) + <usize> n * line * <usize> int(words, H);
    for (let ow = 0; ow < count; ow++) {
      seeColumns(words, ow);
      const to = <usize> (task * count + ow) * pixel;
      for (let c = 0; c < channels; c += 4) {
        const left = channels - c, channel = <usize> c << 2;
        const corner = image + <usize> h0 * line + <usize> w0 * pixel + channel;
        let best = loadPart(corner, left), place = i32x4.splat(h0 * width + w0);
        for (let h = h0, row = corner; h < h1; h++, row += line) {
          for (let w = w0, at = row; w < w1; w++, at += pixel) {
            const value = loadPart(at, left), wins = f32x4.gt(value, best);
            best = choose(wins, value, best);
            place = choose(wins, i32x4.splat(h * width + w), place);
          }
        }
        storePart(pointer(args, 1) + to + channel, best, left);
        storePart(pointer(args, 2) + to + channel, place, left);
      }
    }
  }
}

/** g, places -> dx; a task is an image. */
export function max_pool_grad(args: usize, first: i32, last: i32): void {
  const words = args + 12, width = int(words, W), channels = int(words, C);
  const rows = int(words, OH), columns = int(words, OW), covers = int(words, COVERS) !== 0;
  const pixel = <usize> channels << 2, line = pixel * <usize> width;
  const bytes = line * <usize> int(words, H);
  for (let n = first; n < last; n++) {
    const image = pointer(args, 2) + <usize> n * bytes;
    if (!covers) memory.fill(image, 0, bytes);
    for (let window = 0; window < rows * columns; window++) {
      const oh = window / columns;
      seeRows(words, oh);
      seeColumns(words, window - oh * columns);
      const from = <usize> (n * rows * columns + window) * pixel;
      for (let c = 0; c < channels; c += 4) {
        const left = channels - c, channel = <usize> c << 2;
        const g = loadPart(pointer(args, 0) + from + channel, left);
        const place = loadPart(pointer(args, 1) + from + channel, left);
        for (let h = h0; h < h1; h++) {
          let at = image + <usize> h * line + <usize> w0 * pixel + channel;
          for (let w = w0; w < w1; w++) {
            const own = keep(i32x4.eq(place, i32x4.splat(h * width + w)), g);
            storePart(at, covers ? own : f32x4.add(loadPart(at, left), own), left);
            at += pixel;
          }
        }
      }
    }
  }
}

/** What a mean over the window divides by. */
function divisor(words: usize): V {
  const seen = (h1 - h0) * (w1 - w0);
  return f32x4.splat(<f32> (int(words, FULL) !== 0 ? int(words, KH) * int(words, KW) : seen));
}

/** x -> y; a task is a row of windows. */
export function avg_pool(args: usize, first: i32, last: i32): void {
  const words = args + 8, channels = int(words, C), count = int(words, OW);
  const pixel = <usize> channels << 2, line = pixel * <usize> int(words, W);
  for (let task = first; task < last; task++) {
    const n = task / int(words, OH);
    seeRows(words, task - n * int(words, OH));
    const image = pointer(args, 0) + <usize> n * line * <usize> int(words, H);
    for (let ow = 0; ow < count; ow++) {
      seeColumns(words, ow);
      const under = divisor(words), to = pointer(args, 1) + <usize> (task * count + ow) * pixel;
      for (let c = 0; c < channels; c += 4) {
        const left = channels - c, channel = <usize> c << 2;
        let sum: V = i32x4.splat(0);
        for (let h = h0; h < h1; h++) {
          let at = image + <usize> h * line + <usize> w0 * pixel + channel;
          for (let w = w0; w < w1; w++, at += pixel) sum = f32x4.add(sum, loadPart(at, left));
        }
        storePart(to + channel, f32x4.div(sum, under), left);
      }
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
    const image = pointer(args, 1) + <usize> n * bytes;
    if (!covers) memory.fill(image, 0, bytes);
    for (let window = 0; window < rows * columns; window++) {
      const oh = window / columns;
      seeRows(words, oh);
      seeColumns(words, window - oh * columns);
      const from = pointer(args, 0) + <usize> (n * rows * columns + window) * pixel;
      const under = divisor(words);
      for (let c = 0; c < channels; c += 4) {
        const left = channels - c, channel = <usize> c << 2;
        const share = f32x4.div(loadPart(from + channel, left), under);
        for (let h = h0; h < h1; h++) {
          let at = image + <usize> h * line + <usize> w0 * pixel + channel;
          for (let w = w0; w < w1; w++) {
            storePart(at, covers ? share : f32x4.add(loadPart(at, left), share), left);
            at += pixel;
          }
        }
      }
    }
  }
}
