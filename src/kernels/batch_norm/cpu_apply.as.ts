/**
 * Batch normalization of every element. The numbers of the channels are worked out once per task
 * and repeated until they fill PERIOD elements, so that few channels make no short loops.
 */
import { float, int, pointer } from "../assembly/arguments.as";
import { scratch } from "../assembly/thread.as";
import { read, write } from "../assembly/vectors.as";

// Words after the addresses, see cpu.ts.
const SIZE = 0, CHANNELS = 1, PERIOD = 2, EACH = 3, EPSILON = 4, SHARE = 5;

/** Table `k` of PERIOD numbers in scratch memory. */
// @ts-ignore: decorator
@inline
function table(words: usize, k: i32): usize {
  return scratch + (<usize> (k * int(words, PERIOD)) << 2);
}

/** Puts the number of channel c into table `k`, in all of its repetitions. */
function put(words: usize, k: i32, c: i32, value: f32): void {
  for (let at = c; at < int(words, PERIOD); at += int(words, CHANNELS)) {
    store<f32>(table(words, k) + (<usize> at << 2), value);
  }
}

/** What operand `index` has for channel c. */
// @ts-ignore: decorator
@inline
function channel(args: usize, index: i32, c: i32): f32 {
  return load<f32>(pointer(args, index) + (<usize> c << 2));
}

/** 1 / sqrt(variance + epsilon). */
// @ts-ignore: decorator
@inline
function reciprocalDeviation(variance: f32, words: usize): f32 {
  return 1 / sqrt<f32>(variance + float(words, EPSILON));
}

/** y = (x - mean) slope + shift of four elements, or of the first `count` of them. */
// @ts-ignore: decorator
@inline
function normalize(words: usize, x: usize, y: usize, at: usize, count: i32, whole: bool): void {
  const distance = f32x4.sub(read(x + at, count, whole), v128.load(table(words, 0) + at));
  const scaled = f32x4.mul(distance, v128.load(table(words, 1) + at));
  write(y + at, f32x4.add(scaled, v128.load(table(words, 2) + at)), count, whole);
}

/** x, scale, shift, mean, variance -> y = (x - mean) (r scale) + shift. */
export function batch_norm(args: usize, first: i32, last: i32): void {
  const words = args + 24, period = int(words, PERIOD);
  for (let c = 0; c < int(words, CHANNELS); c++) {
    const r = reciprocalDeviation(channel(args, 4, c), words);
    put(words, 0, c, channel(args, 3, c));
    put(words, 1, c, r * channel(args, 1, c));
    put(words, 2, c, channel(args, 2, c));
  }
  const end = min(last * int(words, EACH), int(words, SIZE));
  for (let begin = first * int(words, EACH); begin < end; begin += period) {
    const x = pointer(args, 0) + (<usize> begin << 2), y = pointer(args, 5) + (<usize> begin << 2);
    let left = min(period, end - begin), at: usize = 0;
    for (; left >= 4; left -= 4, at += 16) normalize(words, x, y, at, 4, true);
    if (left > 0) normalize(words, x, y, at, left, false);
  }
}

/** dx = factor g. */
// @ts-ignore: decorator
@inline
function scale(words: usize, g: usize, dx: usize, at: usize, count: i32, whole: bool): void {
  const factor = v128.load(table(words, 0) + at);
  write(dx + at, f32x4.mul(read(g + at, count, whole), factor), count, whole);
}

/** g, scale, variance -> dx = r scale g, where mean and variance are constants. */
export function batch_norm_scale(args: usize, first: i32, last: i32): void {
  const words = args + 16, period = int(words, PERIOD);
  for (let c = 0; c < int(words, CHANNELS); c++) {
    const r = reciprocalDeviation(channel(args, 2, c), words);
    put(words, 0, c, r * channel(args, 1, c));
  }
  const end = min(last * int(words, EACH), int(words, SIZE));
  for (let begin = first * int(words, EACH); begin < end; begin += period) {
    const g = pointer(args, 0) + (<usize> begin << 2), dx = pointer(args, 3) + (<usize> begin << 2);
    let left = min(period, end - begin), at: usize = 0;
    for (; left >= 4; left -= 4, at += 16) scale(words, g, dx, at, 4, true);
    if (left > 0) scale(words, g, dx, at, left, false);
  }
}

/** dx = factor (g - level - (x - mean) slope). */
// @ts-ignore: decorator
@inline
function gradient(
  words: usize, g: usize, x: usize, dx: usize, at: usize, count: i32, whole: bool,
): void {
  const above = f32x4.sub(read(g + at, count, whole), v128.load(table(words, 2) + at));
  const distance = f32x4.sub(read(x + at, count, whole), v128.load(table(words, 1) + at));
  const rest = f32x4.sub(above, f32x4.mul(distance, v128.load(table(words, 3) + at)));
  write(dx + at, f32x4.mul(rest, v128.load(table(words, 0) + at)), count, whole);
}

/**
 * g, scale, variance, x, mean, dshift, dscale -> dx = r scale (g - dshift / n - (x - mean) r dscale
 * / n), with SHARE = 1 / n.
 */
export function batch_norm_grad(args: usize, first: i32, last: i32): void {
  const words = args + 32, period = int(words, PERIOD), share = float(words, SHARE);
  for (let c = 0; c < int(words, CHANNELS); c++) {
    const r = reciprocalDeviation(channel(args, 2, c), words);
    put(words, 0, c, r * channel(args, 1, c));
    put(words, 1, c, channel(args, 4, c));
    put(words, 2, c, share * channel(args, 5, c));
    put(words, 3, c, share * channel(args, 6, c) * r);
  }
  const end = min(last * int(words, EACH), int(words, SIZE));
  for (let begin = first * int(words, EACH); begin < end; begin += period) {
    const g = pointer(args, 0) + (<usize> begin << 2), x = pointer(args, 3) + (<usize> begin << 2);
    const dx = pointer(args, 7) + (<usize> begin << 2);
    let left = min(period, end - begin), at: usize = 0;
    for (; left >= 4; left -= 4, at += 16) gradient(words, g, x, dx, at, 4, true);
    if (left > 0) gradient(words, g, x, dx, at, left, false);
  }
}
