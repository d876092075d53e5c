/**
 * What a thread can do at best: loops of multiply-adds that touch no memory, and loops over memory
 * that compute next to nothing. Compiled when benchmarks run, see compile.ts; not part of the
 * library.
 */
import { multiplyAdd } from "../../src/kernels/assembly/arguments.as";

/** Floating-point operations of a round: 13 sums of 4 numbers, 4 times, a product and a sum each. */
export const FLOPS_PER_ROUND: i32 = 13 * 4 * 4 * 2;

/**
 * Multiply-adds into 13 independent sums: as many as hide the latency of both operations and fit,
 * with the two constants, into 16 registers.
 */
export function multiply_adds(rounds: i32, _from: usize, _to: usize): f32 {
  const factor = f32x4.splat(0.999), term = f32x4.splat(0.001);
  let a = f32x4.splat(0.1), b = f32x4.splat(0.2), c = f32x4.splat(0.3), d = f32x4.splat(0.4);
  let e = f32x4.splat(0.5), f = f32x4.splat(0.6), g = f32x4.splat(0.7), h = f32x4.splat(0.8);
  let i = f32x4.splat(0.9), j = f32x4.splat(1.0), k = f32x4.splat(1.1), l = f32x4.splat(1.2);
  let m = f32x4.splat(1.3);
  for (let round = 0; round < rounds; round++) {
    for (let time = 0; time < 4; time++) {
      a = multiplyAdd(a, factor, term);
      b = multiplyAdd(b, factor, term);
      c = multiplyAdd(c, factor, term);
      d = multiplyAdd(d, factor, term);
      e = multiplyAdd(e, factor, term);
      f = multiplyAdd(f, factor, term);
      g = multiplyAdd(g, factor, term);
      h = multiplyAdd(h, factor, term);
      i = multiplyAdd(i, factor, term);
      j = multiplyAdd(j, factor, term);
      k = multiplyAdd(k, factor, term);
      l = multiplyAdd(l, factor, term);
      m = multiplyAdd(m, factor, term);
    }
  }
  // Whoever gets the sum cannot leave out what leads to it.
  let sum = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
  sum = f32x4.add(sum, f32x4.add(f32x4.add(i, j), f32x4.add(f32x4.add(k, l), m)));
  return f32x4.extract_lane(sum, 0);
}

/** y = x, `rounds` times 64 bytes. */
export function copy(rounds: i32, from: usize, to: usize): f32 {
  for (let round = 0; round < rounds; round++, from += 64, to += 64) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    v128.store(to, v128.load(from, 32), 32);
    v128.store(to, v128.load(from, 48), 48);
  }
  return 0;
}

/** y = x + y / 2, `rounds` times 64 bytes. */
export function triad(rounds: i32, from: usize, to: usize): f32 {
  const half = f32x4.splat(0.5);
  for (let round = 0; round < rounds; round++, from += 64, to += 64) {
    v128.store(to, multiplyAdd(v128.load(to), half, v128.load(from)));
    v128.store(to, multiplyAdd(v128.load(to, 16), half, v128.load(from, 16)), 16);
    v128.store(to, multiplyAdd(v128.load(to, 32), half, v128.load(from, 32)), 32);
    v128.store(to, multiplyAdd(v128.load(to, 48), half, v128.load(from, 48)), 48);
  }
  return 0;
}
