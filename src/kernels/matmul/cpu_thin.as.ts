/**
 * Matrix products of which one side is thin, 1 to 7 rows or columns. Panels would cost more than the
 * product: each element of the large operand serves few multiply-adds, so it is read once, as it lies.
 */
import { int, multiplyAdd, pointer } from "../assembly/arguments.as";
import { placeOf } from "../assembly/axes.as";
import { scratch } from "../assembly/thread.as";
import { listRows } from "./cpu.as";
import { loadPart } from "../assembly/vectors.as";
import { dots } from "./cpu_dots.as";
import { transpose } from "./cpu_pack.as";

// Words after the addresses, see cpu_thin.ts.
const LARGE = 0,
  THIN = 1,
  K = 2,
  BLOCK = 3,
  STEP_LARGE = 4,
  STEP_THIN = 5,
  STEP_R = 6,
  STEP_K = 7,
  SIZE = 8,
  RANK = 9,
  AXES = 10;

/** Where lists, offsets and sums begin in scratch memory. */
const STARTS: usize = 8192, SUMS: usize = 64;

/** Bytes from one line of sums to the next: 512 columns and a cache line. */
const LINE: usize = 2112;

/** Steps along k that are done for all rows before the next: W comes from the second-level cache. */
const DEPTH = 64;

/**
 * C[i, j] = sum over k of L[i, k] T[j, k], both with k innermost. C lies with steps that are told.
 * A task makes BLOCK rows of one matrix of the batch.
 */
export function matmulDots(address: usize, first: i32, last: i32): void {
  const words = address + 12;
  const large = int(words, LARGE), thin = int(words, THIN), k = int(words, K);
  const block = int(words, BLOCK), blocks = (large + block - 1) / block;
  const stepL = <usize> int(words, STEP_LARGE), stepT = <usize> int(words, STEP_THIN);
  const line = <usize> k << 2, starts = scratch + STARTS;
  store<i32>(starts, 0);
  for (let task = first; task < last; task++) {
    const batch = task / blocks, row = task % blocks * block, count = min(block, large - row);
    const rank = int(words, RANK), axes = words + (AXES << 2);
    const a = pointer(address, 0) + placeOf(axes, rank, 3, 1, batch) + <usize> row * line;
    const b = pointer(address, 1) + placeOf(axes, rank, 3, 2, batch);
    const c = pointer(address, 2) + (<usize> batch * <usize> int(words, SIZE) << 2) +
      <usize> row * stepL;
    const fours = listRows(scratch, count, line, stepL);
    dots(scratch, fours, a, starts, 1, k, b, line, c, stepT, thin, false);
  }
}

/** Element (r, k) of the thin operand in all lanes, where the block has it. */
// @ts-ignore: decorator
@inline
function element(has: bool, t: usize): v128 {
  return has ? v128.load32_splat(t) : f32x4.splat(0);
}

/**
 * sums[r, n] += sum over `depth` steps k of t[r, k] w[k, n] for `rows` rows: 4 x 2 or 2 x 4 at most,
 * so that all of t stays in registers. Steps are in bytes; columns come in fours.
 */
// @ts-ignore: decorator
@inline
function spread(
  rows: i32,
  depth: i32,
  sums: usize,
  t: usize,
  stepR: usize,
  stepK: usize,
  w: usize,
  stepW: usize,
  columns: i32,
): void {
  const t1 = t + stepR, t2 = t1 + stepR, t3 = t2 + stepR, k2 = stepK << 1, k3 = k2 + stepK;
  const a0 = element(true, t), b0 = element(depth > 1, t + stepK);
  const c0 = element(depth > 2, t + k2), d0 = element(depth > 2, t + k3);
  const a1 = element(rows > 1, t1), b1 = element(rows > 1 && depth > 1, t1 + stepK);
  const c1 = element(rows > 1 && depth > 2, t1 + k2), d1 = element(rows > 1 && depth > 2, t1 + k3);
  const a2 = element(rows > 2, t2), b2 = element(rows > 2 && depth > 1, t2 + stepK);
  const a3 = element(rows > 3, t3), b3 = element(rows > 3 && depth > 1, t3 + stepK);
  const end = sums + (<usize> columns << 2);
  for (; sums < end; sums += 16, w += 16) {
    const u0 = v128.load(w), u1 = depth > 1 ? v128.load(w + stepW) : u0;
    const u2 = depth > 2 ? v128.load(w + 2 * stepW) : u0;
    const u3 = depth > 2 ? v128.load(w + 3 * stepW) : u0;
    let x = multiplyAdd(a0, u0, v128.load(sums));
    if (depth > 1) x = multiplyAdd(b0, u1, x);
    if (depth > 2) x = multiplyAdd(d0, u3, multiplyAdd(c0, u2, x));
    v128.store(sums, x);
    if (rows > 1) {
      x = multiplyAdd(a1, u0, v128.load(sums, LINE));
      if (depth > 1) x = multiplyAdd(b1, u1, x);
      if (depth > 2) x = multiplyAdd(d1, u3, multiplyAdd(c1, u2, x));
      v128.store(sums, x, LINE);
    }
    if (rows > 2) {
      x = multiplyAdd(a2, u0, v128.load(sums, 2 * LINE));
      if (depth > 1) x = multiplyAdd(b2, u1, x);
      v128.store(sums, x, 2 * LINE);
    }
    if (rows > 3) {
      x = multiplyAdd(a3, u0, v128.load(sums, 3 * LINE));
      if (depth > 1) x = multiplyAdd(b3, u1, x);
      v128.store(sums, x, 3 * LINE);
    }
  }
}

/** `spread` for 1 step, or for 2, or for 4 where there are only one or two rows. */
function spreadRows(
  rows: i32,
  depth: i32,
  sums: usize,
  t: usize,
  stepR: usize,
  stepK: usize,
  w: usize,
  stepW: usize,
  columns: i32,
): void {
  if (depth === 1) {
    for (; rows > 0; rows--, sums += LINE, t += stepR) {
      spread(1, 1, sums, t, stepR, stepK, w, stepW, columns);
    }
  } else if (rows === 4) spread(4, 2, sums, t, stepR, stepK, w, stepW, columns);
  else if (rows === 3) spread(3, 2, sums, t, stepR, stepK, w, stepW, columns);
  else if (rows === 2) spread(2, 4, sums, t, stepR, stepK, w, stepW, columns);
  else spread(1, 4, sums, t, stepR, stepK, w, stepW, columns);
}

/** For any columns; what is left of lines of w is copied first, not to read past their end. */
function spreadAll(
  rows: i32,
  depth: i32,
  sums: usize,
  t: usize,
  stepR: usize,
  stepK: usize,
  w: usize,
  stepW: usize,
  columns: i32,
): void {
  const rest = columns & 3, whole = columns - rest;
  spreadRows(rows, depth, sums, t, stepR, stepK, w, stepW, whole);
  if (rest === 0) return;
  const at = <usize> whole << 2;
  for (let step: i32 = 0; step < depth; step++) {
    const line = w + <usize> step * stepW + at;
    v128.store(scratch + (<usize> step << 4), loadPart(line, rest));
  }
  spreadRows(rows, depth, sums + at, t, stepR, stepK, scratch, 16, 4);
}

/**
 * C[i, j] = sum over k of T[i, k] W[k, j], where W lies with j innermost. A task makes BLOCK columns
 * of one matrix of the batch; its sums lie in scratch memory while W passes by.
 */
export function matmulWide(address: usize, first: i32, last: i32): void {
  const words = address + 12;
  const large = int(words, LARGE), thin = int(words, THIN), k = int(words, K);
  const block = int(words, BLOCK), blocks = (large + block - 1) / block;
  const stepL = <usize> int(words, STEP_LARGE), stepT = <usize> int(words, STEP_THIN);
  const stepR = <usize> int(words, STEP_R), stepK = <usize> int(words, STEP_K);
  const line = <usize> large << 2, sums = scratch + SUMS;
  for (let task = first; task < last; task++) {
    const batch = task / blocks, column = task % blocks * block, count = min(block, large - column);
    const rank = int(words, RANK), axes = words + (AXES << 2);
    const w = pointer(address, 0) + placeOf(axes, rank, 3, 1, batch) + (<usize> column << 2);
    const t = pointer(address, 1) + placeOf(axes, rank, 3, 2, batch);
    const c = pointer(address, 2) + (<usize> batch * <usize> int(words, SIZE) << 2) +
      <usize> column * stepL;
    memory.fill(sums, 0, <usize> thin * LINE);
    for (let step: i32 = 0; step < k; step += DEPTH) {
      const end = min(k, step + DEPTH);
      for (let row: i32 = 0; row < thin; row += 4) {
        const rows = min(4, thin - row), to = sums + <usize> row * LINE;
        const most = rows < 3 ? 4 : 2;
        for (let at = step; at < end;) {
          const depth = end - at >= most ? most : 1;
          const from = t + <usize> row * stepR + <usize> at * stepK;
          spreadAll(rows, depth, to, from, stepR, stepK, w + <usize> at * line, line, count);
          at += depth;
        }
      }
    }
    if (stepL !== 4) {
      transpose(c, stepL, sums, LINE, thin, count);
      continue;
    }
    for (let row: i32 = 0; row < thin; row++) {
      memory.copy(c + <usize> row * stepT, sums + <usize> row * LINE, <usize> count << 2);
    }
  }
}
