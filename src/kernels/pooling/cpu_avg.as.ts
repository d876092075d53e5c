/**
 * Average pooling and its gradient, four channels at once. A window sees `height` rows and `across`
 * columns from `corner` on.
 */
import { int, pointer } from "../assembly/arguments.as";
import { read, write } from "../assembly/vectors.as";
import {
  C, COVERS, FULL, H, highOf, KH, KW, lowOf, OH, OW, PH, PW, SH, startOf, SW, W,
} from "./cpu_window.as";

type V = v128;

/** What a mean over a window of so many places divides by. */
// @ts-ignore: decorator
@inline
function divisor(words: usize, seen: i32): V {
  return f32x4.splat(<f32> (int(words, FULL) !== 0 ? int(words, KH) * int(words, KW) : seen));
}

/** Sum over a window. */
// @ts-ignore: decorator
@inline
function total(
  corner: usize, line: usize, pixel: usize, height: i32, across: i32, count: i32, whole: bool,
): V {
  let sum: V = i32x4.splat(0);
  for (let h = 0; h < height; h++, corner += line) {
    for (let w = 0, at = corner; w < across; w++, at += pixel) {
      sum = f32x4.add(sum, read(at, count, whole));
    }
  }
  return sum;
}

/** The same for four channels of a window two or three columns wide. */
// @ts-ignore: decorator
@inline
function totalOfFew(corner: usize, line: usize, pixel: usize, height: i32, three: bool): V {
  let sum: V = i32x4.splat(0);
  for (let h = 0; h < height; h++, corner += line) {
    const two = f32x4.add(v128.load(corner), v128.load(corner + pixel));
    sum = f32x4.add(sum, three ? f32x4.add(two, v128.load(corner + 2 * pixel)) : two);
  }
  return sum;
}

/** x -> y; a task is a row of windows. */
export function avg_pool(args: usize, begin: i32, end: i32): void {
  const words = args + 8, width = int(words, W), channels = int(words, C), count = int(words, OW);
  const pixel = <usize> channels << 2, line = pixel * <usize> width, kernel = int(words, KW);
  let y = pointer(args, 1) + <usize> (begin * count) * pixel;
  for (let task = begin; task < end; task++) {
    const n = task / int(words, OH), top = startOf(words, task - n * int(words, OH), SH, PH);
    const h0 = lowOf(top), height = highOf(top, int(words, KH), int(words, H)) - h0;
    const row = pointer(args, 0) + <usize> (n * int(words, H) + h0) * line;
    for (let ow = 0; ow < count; ow++) {
      const side = startOf(words, ow, SW, PW), w0 = lowOf(side);
      const across = highOf(side, kernel, width) - w0, under = divisor(words, height * across);
      let corner = row + <usize> w0 * pixel, left = channels;
      if (across === 2) {
        for (; left >= 4; left -= 4, corner += 16, y += 16) {
          v128.store(y, f32x4.div(totalOfFew(corner, line, pixel, height, false), under));
        }
      } else if (across === 3) {
        for (; left >= 4; left -= 4, corner += 16, y += 16) {
          v128.store(y, f32x4.div(totalOfFew(corner, line, pixel, height, true), under));
        }
      }
      for (; left >= 4; left -= 4, corner += 16, y += 16) {
        v128.store(y, f32x4.div(total(corner, line, pixel, height, across, 4, true), under));
      }
      if (left === 0) continue;
      const sum = total(corner, line, pixel, height, across, left, false);
      write(y, f32x4.div(sum, under), left, false);
      y += <usize> left << 2;
    }
  }
}

/** Gives each place of a window its share, adding it, or writing where windows cover all. */
// @ts-ignore: decorator
@inline
function spread(
  corner: usize, line: usize, pixel: usize, height: i32, across: i32, share: V, covers: bool,
  count: i32, whole: bool,
): void {
  for (let h = 0; h < height; h++, corner += line) {
    for (let w = 0, at = corner; w < across; w++, at += pixel) {
      write(at, covers ? share : f32x4.add(read(at, count, whole), share), count, whole);
    }
  }
}

/** The same for four channels of a window two or three columns wide. */
// @ts-ignore: decorator
@inline
function spreadFew(
  row: usize, line: usize, pixel: usize, height: i32, share: V, covers: bool, three: bool,
): void {
  for (let h = 0; h < height; h++, row += line) {
    v128.store(row, covers ? share : f32x4.add(v128.load(row), share));
    v128.store(row + pixel, covers ? share : f32x4.add(v128.load(row + pixel), share));
    if (!three) continue;
    const last = row + 2 * pixel;
    v128.store(last, covers ? share : f32x4.add(v128.load(last), share));
  }
}

/** g -> dx; a task is an image. */
export function avg_pool_grad(args: usize, begin: i32, end: i32): void {
  const words = args + 8, width = int(words, W), channels = int(words, C);
  const rows = int(words, OH), columns = int(words, OW), covers = int(words, COVERS) !== 0;
  const pixel = <usize> channels << 2, line = pixel * <usize> width, kernel = int(words, KW);
  const bytes = line * <usize> int(words, H);
  let g = pointer(args, 0) + <usize> (begin * rows * columns) * pixel;
  for (let n = begin; n < end; n++) {
    const dx = pointer(args, 1) + <usize> n * bytes;
    if (!covers) memory.fill(dx, 0, bytes);
    for (let oh = 0; oh < rows; oh++) {
      const top = startOf(words, oh, SH, PH), h0 = lowOf(top);
      const height = highOf(top, int(words, KH), int(words, H)) - h0;
      for (let ow = 0; ow < columns; ow++) {
        const side = startOf(words, ow, SW, PW), w0 = lowOf(side);
        const across = highOf(side, kernel, width) - w0, under = divisor(words, height * across);
        let corner = dx + <usize> h0 * line + <usize> w0 * pixel, left = channels;
        if (across === 2) {
          for (; left >= 4; left -= 4, g += 16, corner += 16) {
            const share = f32x4.div(v128.load(g), under);
            spreadFew(corner, line, pixel, height, share, covers, false);
          }
        } else if (across === 3) {
          for (; left >= 4; left -= 4, g += 16, corner += 16) {
            const share = f32x4.div(v128.load(g), under);
            spreadFew(corner, line, pixel, height, share, covers, true);
          }
        }
        for (; left >= 4; left -= 4, g += 16, corner += 16) {
          const share = f32x4.div(v128.load(g), under);
          spread(corner, line, pixel, height, across, share, covers, 4, true);
        }
        if (left === 0) continue;
        const share = f32x4.div(read(g, left, false), under);
        spread(corner, line, pixel, height, across, share, covers, left, false);
        g += <usize> left << 2;
      }
    }
  }
}
