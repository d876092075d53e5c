/** Steps of optimisers, in place; a task has EACH elements. */
import { float, int, pointer } from "../assembly/arguments.as";
import { loadPart, storePart } from "../assembly/vectors.as";

type V = v128;

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

/** p -= r (g + d p). */
export function sgd(args: usize, first: i32, last: i32): void {
  const words = args + 12, each = int(words, 1);
  const rate = scalar(args, 0), decay = scalar(args, 1);
  let g = from(args, 0, first * each), p = from(args, 2, first * each);
  for (let left = min(last * each, int(words, 0)) - first * each; left > 0; left -= 4) {
    const x = loadPart(p, left);
    const slope = f32x4.add(loadPart(g, left), f32x4.mul(decay, x));
    storePart(p, f32x4.sub(x, f32x4.mul(rate, slope)), left);
    g += 16;
    p += 16;
  }
}

/** v = m v + s (g + d p), p -= r v, or r (g + d p + m v) for Nesterov. */
export function sgd_momentum(args: usize, first: i32, last: i32): void {
  const words = args + 16, each = int(words, 1), nesterov = int(words, 2) !== 0;
  const rate = scalar(args, 0), decay = scalar(args, 1);
  const momentum = scalar(args, 2), share = scalar(args, 3);
  let g = from(args, 0, first * each), p = from(args, 2, first * each);
  let past = from(args, 3, first * each);
  for (let left = min(last * each, int(words, 0)) - first * each; left > 0; left -= 4) {
    const x = loadPart(p, left);
    const slope = f32x4.add(loadPart(g, left), f32x4.mul(decay, x));
    const v = f32x4.add(f32x4.mul(momentum, loadPart(past, left)), f32x4.mul(share, slope));
    const step = nesterov ? f32x4.add(slope, f32x4.mul(momentum, v)) : v;
    storePart(past, v, left);
    storePart(p, f32x4.sub(x, f32x4.mul(rate, step)), left);
    g += 16;
    p += 16;
    past += 16;
  }
}

/** Adam as adam.ts has it; with a fourth state it keeps the largest square. */
// @ts-ignore: decorator
@inline
function step(args: usize, first: i32, last: i32, keepsLargest: bool): void {
  const words = args + (keepsLargest ? 24 : 20), each = int(words, 1);
  const r = scalar(args, 0), c = scalar(args, 1), w = scalar(args, 2), d = scalar(args, 3);
  const b1 = scalar(args, 4), o1 = scalar(args, 5), b2 = scalar(args, 6), o2 = scalar(args, 7);
  const eps = scalar(args, 8);
  let at = <usize> (first * each) << 2;
  for (let left = min(last * each, int(words, 0)) - first * each; left > 0; left -= 4) {
    const p = pointer(args, 2) + at, mean = pointer(args, 3) + at, square = pointer(args, 4) + at;
    const shrunk = f32x4.mul(w, loadPart(p, left));
    const g = f32x4.add(loadPart(pointer(args, 0) + at, left), f32x4.mul(d, shrunk));
    const m = f32x4.add(f32x4.mul(b1, loadPart(mean, left)), f32x4.mul(o1, g));
    let s = f32x4.add(f32x4.mul(b2, loadPart(square, left)), f32x4.mul(f32x4.mul(o2, g), g));
    storePart(mean, m, left);
    storePart(square, s, left);
    if (keepsLargest) {
      const largest = pointer(args, 5) + at;
      s = f32x4.max(s, loadPart(largest, left));
      storePart(largest, s, left);
    }
    const under = f32x4.add(f32x4.mul(c, f32x4.sqrt(s)), eps);
    storePart(p, f32x4.sub(shrunk, f32x4.div(f32x4.mul(r, m), under)), left);
    at += 16;
  }
}

export function adam(args: usize, first: i32, last: i32): void {
  step(args, first, last, false);
}

export function amsgrad(args: usize, first: i32, last: i32): void {
  step(args, first, last, true);
}

/** r += momentum (c x - r); words: SIZE, EACH, MOMENTUM, c. */
export function running_average(args: usize, first: i32, last: i32): void {
  const words = args + 8, each = int(words, 1);
  const momentum = f32x4.splat(float(words, 2)), correction = f32x4.splat(float(words, 3));
  let x = from(args, 0, first * each), r = from(args, 1, first * each);
  for (let left = min(last * each, int(words, 0)) - first * each; left > 0; left -= 4) {
    const old = loadPart(r, left);
    const gap = f32x4.sub(f32x4.mul(correction, loadPart(x, left)), old);
    storePart(r, f32x4.add(old, f32x4.mul(momentum, gap)), left);
    x += 16;
    r += 16;
  }
}
