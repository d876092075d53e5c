/**
 * Softmax and its relatives, the largest element subtracted first: rows at once, or four columns
 * side by side where the axis is not the last one.
 */
import { int, pointer } from "../assembly/arguments.as";
import { log, QUICK_EXP, quickExp, quickExpBy, splat } from "../assembly/math.as";
import { scratch } from "../assembly/thread.as";
import {
  across, firstLanes, keep, largestLane, loadPart, read, storePart, sumLanes, write, writeAcross,
} from "../assembly/vectors.as";

type V = v128;

// Words after the addresses of x and y, see cpu.ts.
const ROWS = 0, COUNT = 1, EACH = 2, INNER = 3;
// What rows or columns are turned into.
const SOFTMAX = 0, LOG_SOFTMAX = 1, LOG_SUM_EXP = 2;
/** Rows of at most so many elements go four at a time. */
const SHORT = 16;

/** Largest element of a row. */
function largestOf(x: usize, count: i32): f32 {
  let a: V = f32x4.splat(-Infinity), b: V = a;
  for (; count >= 8; count -= 8) {
    a = f32x4.pmax(a, v128.load(x));
    b = f32x4.pmax(b, v128.load(x, 16));
    x += 32;
  }
  for (; count > 0; count -= 4) {
    a = f32x4.pmax(a, loadPart(x, count));
    x += 16;
  }
  return largestLane(f32x4.pmax(a, b));
}

/** Elements whose sum joins the sums of others: it keeps long sums exact. */
const SPAN = 4096;

/** Sum of e^(x - largest) over a row; the terms go to y, if there is one. */
// @ts-ignore: decorator
@inline
function exponentials(x: usize, y: usize, count: i32, largest: V, stores: bool): f32 {
  const log2e = splat(QUICK_EXP, 0), round = splat(QUICK_EXP, 1), q0 = splat(QUICK_EXP, 2);
  const q1 = splat(QUICK_EXP, 3), q2 = splat(QUICK_EXP, 4), q3 = splat(QUICK_EXP, 5);
  const q4 = splat(QUICK_EXP, 6), one = splat(QUICK_EXP, 7), least = splat(QUICK_EXP, 8);
  let total: f32 = 0;
  for (let left = count; left > 0; left -= SPAN) {
    let sum: V = i32x4.splat(0), span = min(left, SPAN);
    for (; span >= 4; span -= 4) {
      const shifted = f32x4.sub(v128.load(x), largest);
      const e = quickExpBy(shifted, log2e, round, q0, q1, q2, q3, q4, one, least);
      if (stores) v128.store(y, e);
      sum = f32x4.add(sum, e);
      x += 16;
      y += 16;
    }
    if (span > 0) {
      const shifted = f32x4.sub(loadPart(x, span), largest);
      const e = quickExp(shifted);
      if (stores) storePart(y, e, span);
      sum = f32x4.add(sum, keep(firstLanes(span), e));
    }
    total += sumLanes(sum);
  }
  return total;
}

/** Rows `first` to `end` - 1, four side by side: a lane has a row, whose elements lie in scratch. */
// @ts-ignore: decorator
@inline
function shortRows(args: usize, first: i32, end: i32, what: i32): void {
  const count = int(args + 8, COUNT), step = <usize> count << 2;
  const stepTo: usize = what === LOG_SUM_EXP ? 4 : step, row = <usize> first;
  let x = pointer(args, 0) + row * step, y = pointer(args, 1) + row * stepTo;
  for (let left = end - first; left > 0; left -= 4, x += 4 * step, y += 4 * stepTo) {
    // Where fewer than four rows are left lanes repeat the last one.
    const two = left > 1 ? 1 : 0, three = left > 2 ? 2 : two, four = left > 3 ? 3 : three;
    const second = two * step, third = three * step, fourth = four * step;
    let largest: V = f32x4.splat(-Infinity), total: V = i32x4.splat(0);
    for (let at: usize = 0; at < step; at += 4) {
      const value = across(x + at, second, third, fourth);
      v128.store(scratch + (at << 2), value);
      largest = f32x4.pmax(largest, value);
    }
    for (let at: usize = 0; at < step; at += 4) {
      const shifted = f32x4.sub(v128.load(scratch + (at << 2)), largest), e = quickExp(shifted);
      if (what !== LOG_SUM_EXP) v128.store(scratch + (at << 2), what === SOFTMAX ? e : shifted);
      total = f32x4.add(total, e);
    }
    const end = what === SOFTMAX ? f32x4.div(f32x4.splat(1), total) : log(total);
    if (what === LOG_SUM_EXP) {
      storePart(y, f32x4.add(largest, end), left);
      continue;
    }
    for (let at: usize = 0; at < step; at += 4) {
      const value = v128.load(scratch + (at << 2));
      const result = what === SOFTMAX ? f32x4.mul(value, end) : f32x4.sub(value, end);
      writeAcross(y + at, second, third, fourth, result);
    }
  }
}

export function softmax_rows(args: usize, first: i32, last: i32): void {
  const words = args + 8, count = int(words, COUNT), bytes = <usize> count << 2;
  const end = min(last * int(words, EACH), int(words, ROWS));
  if (count <= SHORT) {
    shortRows(args, first * int(words, EACH), end, SOFTMAX);
    return;
  }
  for (let row = first * int(words, EACH); row < end; row++) {
    const x = pointer(args, 0) + <usize> row * bytes;
    let y = pointer(args, 1) + <usize> row * bytes;
    const total = exponentials(x, y, count, f32x4.splat(largestOf(x, count)), true);
    const share = f32x4.splat(1 / total);
    let left = count;
    for (; left >= 4; left -= 4) {
      v128.store(y, f32x4.mul(v128.load(y), share));
      y += 16;
    }
    if (left > 0) storePart(y, f32x4.mul(loadPart(y, left), share), left);
  }
}

export function log_softmax_rows(args: usize, first: i32, last: i32): void {
  const words = args + 8, count = int(words, COUNT), bytes = <usize> count << 2;
  const end = min(last * int(words, EACH), int(words, ROWS));
  if (count <= SHORT) {
    shortRows(args, first * int(words, EACH), end, LOG_SOFTMAX);
    return;
  }
  for (let row = first * int(words, EACH); row < end; row++) {
    let x = pointer(args, 0) + <usize> row * bytes;
    let y = pointer(args, 1) + <usize> row * bytes;
    const largest = f32x4.splat(largestOf(x, count));
    const total = log(f32x4.splat(exponentials(x, 0, count, largest, false)));
    let left = count;
    for (; left >= 4; left -= 4) {
      v128.store(y, f32x4.sub(f32x4.sub(v128.load(x), largest), total));
      x += 16;
      y += 16;
    }
    if (left === 0) continue;
    storePart(y, f32x4.sub(f32x4.sub(loadPart(x, left), largest), total), left);
  }
}

export function log_sum_exp_rows(args: usize, first: i32, last: i32): void {
  const words = args + 8, count = int(words, COUNT), bytes = <usize> count << 2;
  const end = min(last * int(words, EACH), int(words, ROWS));
  if (count <= SHORT) {
    shortRows(args, first * int(words, EACH), end, LOG_SUM_EXP);
    return;
  }
  for (let row = first * int(words, EACH); row < end; row++) {
    const x = pointer(args, 0) + <usize> row * bytes;
    const largest = f32x4.splat(largestOf(x, count));
    const total = log(f32x4.splat(exponentials(x, 0, count, largest, false)));
    v128.store32_lane(pointer(args, 1) + (<usize> row << 2), f32x4.add(largest, total), 0);
  }
}

/** Columns of a task; what is known of each of them lies in scratch memory. */
const BLOCK = 1024;

/** The largest of four columns so far, or of the first `count` of them. */
// @ts-ignore: decorator
@inline
function meetLargest(x: usize, largest: usize, count: i32, whole: bool): void {
  v128.store(largest, f32x4.pmax(v128.load(largest), read(x, count, whole)));
}

/** Four elements of a row: their exponentials, which join the totals. */
// @ts-ignore: decorator
@inline
function meetTotal(
  x: usize, y: usize, largest: usize, total: usize, count: i32, whole: bool, stores: bool,
): void {
  const shifted = f32x4.sub(read(x, count, whole), v128.load(largest));
  const e = quickExp(shifted);
  if (stores) write(y, e, count, whole);
  v128.store(total, f32x4.add(v128.load(total), e));
}

/** Four elements of a row: what becomes of them. */
// @ts-ignore: decorator
@inline
function finish(
  x: usize, y: usize, largest: usize, total: usize, count: i32, whole: bool, what: i32,
): void {
  const result = what === SOFTMAX
    ? f32x4.mul(read(y, count, whole), v128.load(total))
    : f32x4.sub(f32x4.sub(read(x, count, whole), v128.load(largest)), v128.load(total));
  write(y, result, count, whole);
}

/** COUNT elements that lie INNER apart, row by row; a task is a block of columns. */
// @ts-ignore: decorator
@inline
function columns(args: usize, first: i32, last: i32, what: i32): void {
  const words = args + 8, count = int(words, COUNT), inner = int(words, INNER);
  const blocks = (inner + BLOCK - 1) / BLOCK, step = <usize> inner << 2;
  const largest = scratch, total = scratch + (BLOCK << 2);
  for (let task = first; task < last; task++) {
    const o = task / blocks, column = (task - o * blocks) * BLOCK;
    const width = min(BLOCK, inner - column), full = <usize> (width & ~3) << 2, rest = width & 3;
    const begin = step * <usize> (o * count) + (<usize> column << 2);
    for (let at: usize = 0; at < <usize> width << 2; at += 16) {
      v128.store(largest + at, f32x4.splat(-Infinity));
      v128.store(total + at, i32x4.splat(0));
    }
    for (let k = 0, x = pointer(args, 0) + begin; k < count; k++, x += step) {
      for (let at: usize = 0; at < full; at += 16) meetLargest(x + at, largest + at, 4, true);
      if (rest > 0) meetLargest(x + full, largest + full, rest, false);
    }
    const stores = what === SOFTMAX;
    for (let k = 0; k < count; k++) {
      const x = pointer(args, 0) + begin + <usize> k * step;
      const y = pointer(args, 1) + begin + <usize> k * step;
      for (let at: usize = 0; at < full; at += 16) {
        meetTotal(x + at, y + at, largest + at, total + at, 4, true, stores);
      }
      if (rest === 0) continue;
      meetTotal(x + full, y + full, largest + full, total + full, rest, false, stores);
    }
    for (let at: usize = 0; at < <usize> width << 2; at += 16) {
      const sum = v128.load(total + at);
      v128.store(total + at, what === SOFTMAX ? f32x4.div(f32x4.splat(1), sum) : log(sum));
      if (what !== LOG_SUM_EXP) continue;
      const to = pointer(args, 1) + (<usize> (o * inner + column) << 2) + at;
      const result = f32x4.add(v128.load(largest + at), v128.load(total + at));
      storePart(to, result, width - <i32> (at >> 2));
    }
    if (what === LOG_SUM_EXP) continue;
    for (let k = 0; k < count; k++) {
      const x = pointer(args, 0) + begin + <usize> k * step;
      const y = pointer(args, 1) + begin + <usize> k * step;
      for (let at: usize = 0; at < full; at += 16) {
        finish(x + at, y + at, largest + at, total + at, 4, true, what);
      }
      if (rest === 0) continue;
      finish(x + full, y + full, largest + full, total + full, rest, false, what);
    }
  }
}

export function softmax_columns(args: usize, first: i32, last: i32): void {
  columns(args, first, last, SOFTMAX);
}

export function log_softmax_columns(args: usize, first: i32, last: i32): void {
  columns(args, first, last, LOG_SOFTMAX);
}

export function log_sum_exp_columns(args: usize, first: i32, last: i32): void {
  columns(args, first, last, LOG_SUM_EXP);
}
