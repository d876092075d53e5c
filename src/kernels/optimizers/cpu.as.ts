/**
 * Steps of optimisers, in place; a task has EACH elements. Every step is written once and compiled
 * twice: for four elements, and for the last ones.
 */
import { float, int, pointer } from "../assembly/arguments.as";
import { read, write } from "../assembly/vectors.as";

type V = v128;

// Words after the addresses.
const SIZE = 0, EACH = 1, NESTEROV = 2, MOMENTUM = 2, CORRECTION = 3;

/** Scalar `index` of the operand that holds them, in all lanes. */
// @ts-ignore: decorator
@inline
function scalar(args: usize, index: i32): V {
  return v128.load32_splat(pointer(args, 1) + (<usize> index << 2));
}

/** Operand `index`, from element `first` on. */
// @ts-ignore: decorator
@inline
function from(args: usize, index: i32, first: i32): usize {
  return pointer(args, index) + (<usize> first << 2);
}

/** How many elements tasks `first` to `last` - 1 have. */
// @ts-ignore: decorator
@inline
function sizeOf(words: usize, first: i32, last: i32): i32 {
  return min(last * int(words, EACH), int(words, SIZE)) - first * int(words, EACH);
}

// @ts-ignore: decorator
@inline
function sgdStep(g: usize, p: usize, rate: V, decay: V, count: i32, whole: bool): void {
  const x = read(p, count, whole);
  const slope = f32x4.add(read(g, count, whole), f32x4.mul(decay, x));
  write(p, f32x4.sub(x, f32x4.mul(rate, slope)), count, whole);
}

/** p -= r (g + d p). */
export function sgd(args: usize, first: i32, last: i32): void {
  const words = args + 12, rate = scalar(args, 0), decay = scalar(args, 1);
  const begin = first * int(words, EACH);
  let g = from(args, 0, begin), p = from(args, 2, begin), left = sizeOf(words, first, last);
  for (; left >= 4; left -= 4, g += 16, p += 16) sgdStep(g, p, rate, decay, 4, true);
  if (left > 0) sgdStep(g, p, rate, decay, left, false);
}

// @ts-ignore: decorator
@inline
function momentumStep(
  g: usize, p: usize, past: usize, rate: V, decay: V, momentum: V, share: V, nesterov: bool,
  count: i32, whole: bool,
): void {
  const x = read(p, count, whole);
  const slope = f32x4.add(read(g, count, whole), f32x4.mul(decay, x));
  const v = f32x4.add(f32x4.mul(momentum, read(past, count, whole)), f32x4.mul(share, slope));
  const step = nesterov ? f32x4.add(slope, f32x4.mul(momentum, v)) : v;
  write(past, v, count, whole);
  write(p, f32x4.sub(x, f32x4.mul(rate, step)), count, whole);
}

/** v = m v + s (g + d p), p -= r v, or r (g + d p + m v) for Nesterov. */
export function sgd_momentum(args: usize, first: i32, last: i32): void {
  const words = args + 16, nesterov = int(words, NESTEROV) !== 0, begin = first * int(words, EACH);
  const rate = scalar(args, 0), decay = scalar(args, 1);
  const momentum = scalar(args, 2), share = scalar(args, 3);
  let g = from(args, 0, begin), p = from(args, 2, begin), past = from(args, 3, begin);
  let left = sizeOf(words, first, last);
  for (; left >= 4; left -= 4, g += 16, p += 16, past += 16) {
    momentumStep(g, p, past, rate, decay, momentum, share, nesterov, 4, true);
  }
  if (left > 0) momentumStep(g, p, past, rate, decay, momentum, share, nesterov, left, false);
}

/** Adam as adam.ts has it; the largest square is kept where there is an address for it. */
// @ts-ignore: decorator
@inline
function adamStep(
  g: usize, p: usize, mean: usize, square: usize, largest: usize, r: V, c: V, w: V, d: V, b1: V,
  o1: V, b2: V, o2: V, eps: V, keepsLargest: bool, count: i32, whole: bool,
): void {
  const shrunk = f32x4.mul(w, read(p, count, whole));
  const slope = f32x4.add(read(g, count, whole), f32x4.mul(d, shrunk));
  const m = f32x4.add(f32x4.mul(b1, read(mean, count, whole)), f32x4.mul(o1, slope));
  const own = f32x4.mul(f32x4.mul(o2, slope), slope);
  let s = f32x4.add(f32x4.mul(b2, read(square, count, whole)), own);
  write(mean, m, count, whole);
  write(square, s, count, whole);
  if (keepsLargest) {
    s = f32x4.max(s, read(largest, count, whole));
    write(largest, s, count, whole);
  }
  const under = f32x4.add(f32x4.mul(c, f32x4.sqrt(s)), eps);
  write(p, f32x4.sub(shrunk, f32x4.div(f32x4.mul(r, m), under)), count, whole);
}

// @ts-ignore: decorator
@inline
function adamSteps(args: usize, first: i32, last: i32, keeps: bool): void {
  const words = args + (keeps ? 24 : 20), begin = first * int(words, EACH);
  const r = scalar(args, 0), c = scalar(args, 1), w = scalar(args, 2), d = scalar(args, 3);
  const b1 = scalar(args, 4), o1 = scalar(args, 5), b2 = scalar(args, 6), o2 = scalar(args, 7);
  const eps = scalar(args, 8);
  let g = from(args, 0, begin), p = from(args, 2, begin), mean = from(args, 3, begin);
  let square = from(args, 4, begin), largest = keeps ? from(args, 5, begin) : 0;
  let left = sizeOf(words, first, last);
  for (; left >= 4; left -= 4) {
    adamStep(g, p, mean, square, largest, r, c, w, d, b1, o1, b2, o2, eps, keeps, 4, true);
    g += 16;
    p += 16;
    mean += 16;
    square += 16;
    if (keeps) largest += 16;
  }
  if (left === 0) return;
  adamStep(g, p, mean, square, largest, r, c, w, d, b1, o1, b2, o2, eps, keeps, left, false);
}

export function adam(args: usize, i: i32, n: i32): void { adamSteps(args, i, n, false); }
export function amsgrad(args: usize, i: i32, n: i32): void { adamSteps(args, i, n, true); }

// @ts-ignore: decorator
@inline
function averageStep(
  x: usize, r: usize, momentum: V, correction: V, count: i32, whole: bool,
): void {
  const old = read(r, count, whole);
  const gap = f32x4.sub(f32x4.mul(correction, read(x, count, whole)), old);
  write(r, f32x4.add(old, f32x4.mul(momentum, gap)), count, whole);
}

/** r += momentum (c x - r). */
export function running_average(args: usize, first: i32, last: i32): void {
  const words = args + 8, begin = first * int(words, EACH);
  const momentum = f32x4.splat(float(words, MOMENTUM));
  const correction = f32x4.splat(float(words, CORRECTION));
  let x = from(args, 0, begin), r = from(args, 1, begin), left = sizeOf(words, first, last);
  for (; left >= 4; left -= 4, x += 16, r += 16) averageStep(x, r, momentum, correction, 4, true);
  if (left > 0) averageStep(x, r, momentum, correction, left, false);
}
