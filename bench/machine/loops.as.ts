/**
 * What a thread can do at best: loops of multiply-adds that touch no memory, and loops over memory
 * that compute next to nothing. Compiled when benchmarks run, see compile.ts; not part of the
 * library.
 */
import { multiplyAdd } from "../../src/kernels/assembly/arguments.as";

/**
 * Multiply-adds into 13 independent sums: as many as hide the latency of both operations and fit,
 * with the two factors, into 16 registers. A round is 13 sums of 4 numbers, 4 times. Everything
 * comes from memory, because engines load known constants again for every use.
 */
export function multiply_adds(rounds: i32, from: usize, _to: usize): f32 {
  const x = v128.load(from), y = v128.load(from, 16);
  let a = v128.load(from, 32), b = v128.load(from, 48), c = v128.load(from, 64);
  let d = v128.load(from, 80), e = v128.load(from, 96), f = v128.load(from, 112);
  let g = v128.load(from, 128), h = v128.load(from, 144), i = v128.load(from, 160);
  let j = v128.load(from, 176), k = v128.load(from, 192), l = v128.load(from, 208);
  let m = v128.load(from, 224);
  for (let round = 0; round < rounds; round++) {
    for (let time = 0; time < 4; time++) {
      a = multiplyAdd(a, x, y);
      b = multiplyAdd(b, x, y);
      c = multiplyAdd(c, x, y);
      d = multiplyAdd(d, x, y);
      e = multiplyAdd(e, x, y);
      f = multiplyAdd(f, x, y);
      g = multiplyAdd(g, x, y);
      h = multiplyAdd(h, x, y);
      i = multiplyAdd(i, x, y);
      j = multiplyAdd(j, x, y);
      k = multiplyAdd(k, x, y);
      l = multiplyAdd(l, x, y);
      m = multiplyAdd(m, x, y);
    }
  }
  // Whoever gets the sum cannot leave out what leads to it.
  let sum = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(e, f));
  sum = f32x4.add(sum, f32x4.add(f32x4.add(g, h), f32x4.add(i, j)));
  sum = f32x4.add(sum, f32x4.add(f32x4.add(k, l), m));
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
