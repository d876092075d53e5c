/**
 * Maximum pooling and its gradient, four channels at once. A window sees `height` rows and `across`
 * columns from `corner` on; `first` is the place of the corner in the image.
 */
import { int, pointer } from "../assembly/arguments.as";
import { choose, keep, read, write } from "../assembly/vectors.as";
import {
  C, COVERS, H, highOf, KH, KW, lowOf, OH, OW, PH, PW, SH, startOf, SW, W,
} from "./cpu_window.as";

type V = v128;

/** The largest of a window, and its place. */
// @ts-ignore: decorator
@inline
function largest(
  corner: usize, line: usize, pixel: usize, first: i32, width: i32, height: i32, across: i32,
  y: usize, places: usize, count: i32, whole: bool,
): void {
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

/** The same for four channels of a window of two by two. */
// @ts-ignore: decorator
@inline
function largestOfFour(
  corner: usize, line: usize, pixel: usize, above: V, under: V, y: usize, places: usize,
): void {
  const a = v128.load(corner), b = v128.load(corner + pixel);
  const c = v128.load(corner + line), d = v128.load(corner + line + pixel);
  // In pairs; of equal ones the first stays. The mask is -1.
  const high = f32x4.pmax(a, b), low = f32x4.pmax(c, d), down = f32x4.gt(low, high);
  v128.store(y, f32x4.pmax(high, low));
  const right = i32x4.sub(above, f32x4.gt(b, a)), lowRight = i32x4.sub(under, f32x4.gt(d, c));
  v128.store(places, choose(down, lowRight, right));
}

/** The same for four channels of a window three columns wide. */
// @ts-ignore: decorator
@inline
function largestOfThree(
  corner: usize, line: usize, pixel: usize, first: i32, width: i32, height: i32, y: usize,
  places: usize,
): void {
  let best: V = i32x4.splat(0), place: V = i32x4.splat(0);
  for (let h = 0; h < height; h++, corner += line, first += width) {
    const a = v128.load(corner), b = v128.load(corner + pixel), c = v128.load(corner + 2 * pixel);
    const two = f32x4.pmax(a, b), three = f32x4.pmax(two, c);
    const near = i32x4.sub(i32x4.splat(first), f32x4.gt(b, a));
    const at = choose(f32x4.gt(c, two), i32x4.splat(first + 2), near);
    place = h === 0 ? at : choose(f32x4.gt(three, best), at, place);
    best = h === 0 ? three : f32x4.pmax(best, three);
  }
  v128.store(y, best);
  v128.store(places, place);
}

/** x -> y, places; a task is a row of windows. */
export function max_pool(args: usize, begin: i32, end: i32): void {
  const words = args + 12, width = int(words, W), channels = int(words, C), count = int(words, OW);
  const pixel = <usize> channels << 2, line = pixel * <usize> width, kernel = int(words, KW);
  let y = pointer(args, 1) + <usize> (begin * count) * pixel;
  let places = pointer(args, 2) + <usize> (begin * count) * pixel;
  for (let task = begin; task < end; task++) {
    const n = task / int(words, OH), top = startOf(words, task - n * int(words, OH), SH, PH);
    const h0 = lowOf(top), height = highOf(top, int(words, KH), int(words, H)) - h0;
    const row = pointer(args, 0) + <usize> (n * int(words, H) + h0) * line;
    for (let ow = 0; ow < count; ow++) {
      const side = startOf(words, ow, SW, PW), w0 = lowOf(side);
      const across = highOf(side, kernel, width) - w0, first = h0 * width + w0;
      let corner = row + <usize> w0 * pixel, left = channels;
      if (height === 2 && across === 2) {
        const above = i32x4.splat(first), under = i32x4.splat(first + width);
        for (; left >= 4; left -= 4, corner += 16, y += 16, places += 16) {
          largestOfFour(corner, line, pixel, above, under, y, places);
        }
      } else if (across === 3) {
        for (; left >= 4; left -= 4, corner += 16, y += 16, places += 16) {
          largestOfThree(corner, line, pixel, first, width, height, y, places);
        }
      }
      for (; left >= 4; left -= 4, corner += 16, y += 16, places += 16) {
        largest(corner, line, pixel, first, width, height, across, y, places, 4, true);
      }
      if (left === 0) continue;
      largest(corner, line, pixel, first, width, height, across, y, places, left, false);
      y += <usize> left << 2;
      places += <usize> left << 2;
    }
  }
}

/** Gives g of a window to the place that won, adding it, or writing where windows cover all. */
// @ts-ignore: decorator
@inline
function giveBack(
  corner: usize, line: usize, pixel: usize, first: i32, width: i32, height: i32, across: i32,
  g: V, place: V, covers: bool, count: i32, whole: bool,
): void {
  for (let h = 0; h < height; h++, corner += line, first += width) {
    for (let w = 0, at = corner; w < across; w++, at += pixel) {
      const own = keep(i32x4.eq(place, i32x4.splat(first + w)), g);
      write(at, covers ? own : f32x4.add(read(at, count, whole), own), count, whole);
    }
  }
}

/** The same for four channels of a window of two by two. */
// @ts-ignore: decorator
@inline
function giveBackFour(
  a: usize, line: usize, pixel: usize, above: V, under: V, g: V, place: V, covers: bool,
): void {
  const c = a + line, one = i32x4.splat(1);
  const own = keep(i32x4.eq(place, above), g), down = keep(i32x4.eq(place, under), g);
  const right = keep(i32x4.eq(place, i32x4.add(above, one)), g);
  const last = keep(i32x4.eq(place, i32x4.add(under, one)), g);
  v128.store(a, covers ? own : f32x4.add(v128.load(a), own));
  v128.store(a + pixel, covers ? right : f32x4.add(v128.load(a + pixel), right));
  v128.store(c, covers ? down : f32x4.add(v128.load(c), down));
  v128.store(c + pixel, covers ? last : f32x4.add(v128.load(c + pixel), last));
}

/** Adds g of four channels to the places that won, wherever they are: `image` is the channels'. */
// @ts-ignore: decorator
@inline
function addEach(image: usize, channels: V, g: V, place: V): void {
  const at = i32x4.shl(i32x4.mul(place, channels), 2);
  const a = image + i32x4.extract_lane(at, 0), b = image + i32x4.extract_lane(at, 1);
  const c = image + i32x4.extract_lane(at, 2), d = image + i32x4.extract_lane(at, 3);
  store<f32>(a, load<f32>(a) + f32x4.extract_lane(g, 0));
  store<f32>(b, load<f32>(b, 4) + f32x4.extract_lane(g, 1), 4);
  store<f32>(c, load<f32>(c, 8) + f32x4.extract_lane(g, 2), 8);
  store<f32>(d, load<f32>(d, 12) + f32x4.extract_lane(g, 3), 12);
}

/** g, places -> dx; a task is an image. */
export function max_pool_grad(args: usize, begin: i32, end: i32): void {
  const words = args + 12, width = int(words, W), channels = int(words, C);
  const rows = int(words, OH), columns = int(words, OW), covers = int(words, COVERS) !== 0;
  const pixel = <usize> channels << 2, line = pixel * <usize> width, kernel = int(words, KW);
  const bytes = line * <usize> int(words, H), each = i32x4.splat(channels);
  let g = pointer(args, 0) + <usize> (begin * rows * columns) * pixel;
  let places = pointer(args, 1) + <usize> (begin * rows * columns) * pixel;
  for (let n = begin; n < end; n++) {
    const dx = pointer(args, 2) + <usize> n * bytes;
    if (!covers) memory.fill(dx, 0, bytes);
    for (let oh = 0; oh < rows; oh++) {
      const top = startOf(words, oh, SH, PH), h0 = lowOf(top);
      const height = highOf(top, int(words, KH), int(words, H)) - h0;
      for (let ow = 0; ow < columns; ow++) {
        const side = startOf(words, ow, SW, PW), w0 = lowOf(side);
        const across = highOf(side, kernel, width) - w0, first = h0 * width + w0;
        let corner = dx + <usize> first * pixel, left = channels;
        if (height === 2 && across === 2) {
          const above = i32x4.splat(first), under = i32x4.splat(first + width);
          for (; left >= 4; left -= 4, g += 16, places += 16, corner += 16) {
            const value = v128.load(g), place = v128.load(places);
            giveBackFour(corner, line, pixel, above, under, value, place, covers);
          }
        } else if (!covers) {
          let image = dx;
          for (; left >= 4; left -= 4, g += 16, places += 16, image += 16, corner += 16) {
            addEach(image, each, v128.load(g), v128.load(places));
          }
        }
        for (; left >= 4; left -= 4, g += 16, places += 16, corner += 16) {
          const value = v128.load(g), place = v128.load(places);
          giveBack(
            corner, line, pixel, first, width, height, across, value, place, covers, 4, true,
          );
        }
        if (left === 0) continue;
        const value = read(g, left, false), place = read(places, left, false);
        giveBack(
          corner, line, pixel, first, width, height, across, value, place, covers, left, false,
        );
        g += <usize> left << 2;
        places += <usize> left << 2;
      }
    }
  }
}
