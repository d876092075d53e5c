/**
 * Products with few columns: a tile of `sweep` would be mostly empty. Here a vector holds four
 * steps along k, so both operands lie along k, and the four partial sums are added at the end.
 */
import { multiplyAdd } from "../assembly/arguments.as";

/** The sums of the lanes of four vectors. */
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const e = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const f = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f64>(e, f, 0, 2), v128.shuffle<f64>(e, f, 1, 3));
}

/** Writes four sums to column `at` of four rows, or adds them to what is there. */
function put(rows: usize, at: usize, values: v128, more: bool): void {
  const c0 = at + load<i32>(rows, 4), c1 = at + load<i32>(rows, 12);
  const c2 = at + load<i32>(rows, 20), c3 = at + load<i32>(rows, 28);
  if (more) {
    const old = f32x4(load<f32>(c0), load<f32>(c1), load<f32>(c2), load<f32>(c3));
    values = f32x4.add(old, values);
  }
  v128.store32_lane(c0, values, 0);
  v128.store32_lane(c1, values, 1);
  v128.store32_lane(c2, values, 2);
  v128.store32_lane(c3, values, 3);
}

/**
 * As `sweep`, where column n of B lies along k at b + n `stepB`, and columns of C lie `stepC` bytes
 * apart.
 */
export function dots(
  rows: usize,
  groups: i32,
  a: usize,
  starts: usize,
  runs: i32,
  length: i32,
  b: usize,
  stepB: usize,
  c: usize,
  stepC: usize,
  columns: i32,
  more: bool,
): void {
  for (; columns > 1; columns -= 2) {
    for (let four: i32 = 0; four < groups; four++) {
      const list = rows + (<usize> four << 5);
      pair(list, a, starts, runs, length, b, stepB, c, stepC, more);
    }
    b += 2 * stepB;
    c += 2 * stepC;
  }
  if (columns < 1) return;
  for (let four: i32 = 0; four < groups; four++) {
    single(rows + (<usize> four << 5), a, starts, runs, length, b, c, more);
  }
}

/** Four rows of two columns. */
// @ts-ignore: decorator
@inline
function pair(
  rows: usize,
  a: usize,
  starts: usize,
  runs: i32,
  length: i32,
  b: usize,
  stepB: usize,
  c: usize,
  stepC: usize,
  more: bool,
): void {
  let x0 = f32x4.splat(0), x1 = x0, x2 = x0, x3 = x0, y0 = x0, y1 = x0, y2 = x0, y3 = x0;
  for (let run: i32 = 0; run < runs; run++) {
    const start = a + load<i32>(starts + (<usize> run << 2));
    let a0 = start + load<i32>(rows), a1 = start + load<i32>(rows, 8);
    let a2 = start + load<i32>(rows, 16), a3 = start + load<i32>(rows, 24);
    let p = b, q = b + stepB, left = length;
    b += <usize> length << 2;
    while (left >= 4) {
      let u = v128.load(p), v = v128.load(q), s = v128.load(a0);
      x0 = multiplyAdd(s, u, x0), y0 = multiplyAdd(s, v, y0), s = v128.load(a1);
      x1 = multiplyAdd(s, u, x1), y1 = multiplyAdd(s, v, y1), s = v128.load(a2);
      x2 = multiplyAdd(s, u, x2), y2 = multiplyAdd(s, v, y2), s = v128.load(a3);
      x3 = multiplyAdd(s, u, x3), y3 = multiplyAdd(s, v, y3);
      left -= 4, p += 16, q += 16, a0 += 16, a1 += 16, a2 += 16, a3 += 16;
    }
    for (; left > 0; left--, p += 4, q += 4, a0 += 4, a1 += 4, a2 += 4, a3 += 4) {
      const u = v128.load32_zero(p), v = v128.load32_zero(q);
      let s = v128.load32_zero(a0);
      x0 = multiplyAdd(s, u, x0), y0 = multiplyAdd(s, v, y0), s = v128.load32_zero(a1);
      x1 = multiplyAdd(s, u, x1), y1 = multiplyAdd(s, v, y1), s = v128.load32_zero(a2);
      x2 = multiplyAdd(s, u, x2), y2 = multiplyAdd(s, v, y2), s = v128.load32_zero(a3);
      x3 = multiplyAdd(s, u, x3), y3 = multiplyAdd(s, v, y3);
    }
  }
  put(rows, c, sums(x0, x1, x2, x3), more);
  put(rows, c + stepC, sums(y0, y1, y2, y3), more);
}

/** Four rows of one column; steps along k alternate between two sums, so that eight are under way. */
// @ts-ignore: decorator
@inline
function single(
  rows: usize,
  a: usize,
  starts: usize,
  runs: i32,
  length: i32,
  b: usize,
  c: usize,
  more: bool,
): void {
  let x0 = f32x4.splat(0), x1 = x0, x2 = x0, x3 = x0, y0 = x0, y1 = x0, y2 = x0, y3 = x0;
  const end = starts + (<usize> runs << 2);
  for (let p = b; starts < end; starts += 4) {
    const start = a + load<i32>(starts);
    let a0 = start + load<i32>(rows), a1 = start + load<i32>(rows, 8);
    let a2 = start + load<i32>(rows, 16), a3 = start + load<i32>(rows, 24);
    let left = length;
    for (; left >= 8; left -= 8, p += 32, a0 += 32, a1 += 32, a2 += 32, a3 += 32) {
      let u = v128.load(p);
      x0 = multiplyAdd(v128.load(a0), u, x0), x1 = multiplyAdd(v128.load(a1), u, x1);
      x2 = multiplyAdd(v128.load(a2), u, x2), x3 = multiplyAdd(v128.load(a3), u, x3);
      // Never: it keeps compilers from loading more at once than the registers hold.
      if (p === 0) break;
      u = v128.load(p, 16);
      y0 = multiplyAdd(v128.load(a0, 16), u, y0), y1 = multiplyAdd(v128.load(a1, 16), u, y1);
      y2 = multiplyAdd(v128.load(a2, 16), u, y2), y3 = multiplyAdd(v128.load(a3, 16), u, y3);
    }
    if (left >= 4) {
      const u = v128.load(p);
      x0 = multiplyAdd(v128.load(a0), u, x0), x1 = multiplyAdd(v128.load(a1), u, x1);
      x2 = multiplyAdd(v128.load(a2), u, x2), x3 = multiplyAdd(v128.load(a3), u, x3);
      left -= 4, p += 16, a0 += 16, a1 += 16, a2 += 16, a3 += 16;
    }
    for (; left > 0; left--, p += 4, a0 += 4, a1 += 4, a2 += 4, a3 += 4) {
      const u = v128.load32_zero(p);
      x0 = multiplyAdd(v128.load32_zero(a0), u, x0), x1 = multiplyAdd(v128.load32_zero(a1), u, x1);
      x2 = multiplyAdd(v128.load32_zero(a2), u, x2), x3 = multiplyAdd(v128.load32_zero(a3), u, x3);
    }
  }
  x0 = f32x4.add(x0, y0), x1 = f32x4.add(x1, y1), x2 = f32x4.add(x2, y2), x3 = f32x4.add(x3, y3);
  put(rows, c, sums(x0, x1, x2, x3), more);
}
