/**
 * Softmax and its relatives, the largest element subtracted first: rows at once, or four columns
 * side by side where the axis is not the last one.
 */
import { int, pointer } from "../../backend/cpu/assembly/arguments.as";
import { log, QUICK_EXP, quickExpBy, splat } from "../../backend/cpu/assembly/math.as";
import {
  firstLanes, keep, largestLane, loadPart, storePart, sumLanes,
} from "../../backend/cpu/assembly/vectors.as";

type V = v128;

// Words after the addresses of x and y, see cpu.ts.
const ROWS = 0, COUNT = 1, EACH = 2, INNER = 3;

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
  const log2e = splat(QUICK_EXP, 0), round = splat(QUICK_EXP, 1), p0 = splat(QUICK_EXP, 2);
  const p1 = splat(QUICK_EXP, 3), p2 = splat(QUICK_EXP, 4), p3 = splat(QUICK_EXP, 5);
  const p4 = splat(QUICK_EXP, 6), one = splat(QUICK_EXP, 7), low = splat(QUICK_EXP, 8);
  let total: f32 = 0;
  for (let left = count; left > 0; left -= SPAN) {
    let sum: V = i32x4.splat(0), span = min(left, SPAN);
    for (; span >= 4; span -= 4) {
      const shifted = f32x4.sub(v128.load(x), largest);
      const e = quickExpBy(shifted, log2e, round, p0, p1, p2, p3, p4, one, low);
      if (stores) v128.store(y, e);
      sum = f32x4.add(sum, e);
      x += 16;
      y += 16;
    }
    if (span > 0) {
      const shifted = f32x4.sub(loadPart(x, span), largest);
      const e = quickExpBy(shifted, log2e, round, p0, p1, p2, p3, p4, one, low);
      if (stores) storePart(y, e, span);
      sum = f32x4.add(sum, keep(firstLanes(span), e));
    }
    total += sumLanes(sum);
  }
  return total;
}

export function softmax_rows(args: usize, first: i32, last: i32): void {
  const words = args + 8, count = int(words, COUNT), bytes = <usize> count << 2;
  const end = min(last * int(words, EACH), int(words, ROWS));
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
  for (let row = first * int(words, EACH); row < end; row++) {
    const x = pointer(args, 0) + <usize> row * bytes;
    const largest = f32x4.splat(largestOf(x, count));
    const total = log(f32x4.splat(exponentials(x, 0, count, largest, false)));
    v128.store32_lane(pointer(args, 1) + (<usize> row << 2), f32x4.add(largest, total), 0);
  }
}

// What columns are turned into.
const SOFTMAX = 0, LOG_SOFTMAX = 1, LOG_SUM_EXP = 2;

/** COUNT elements that lie INNER apart, four columns at once; a task is one index before the axis. */
// @ts-ignore: decorator
@inline
function columns(args: usize, first: i32, last: i32, what: i32): void {
  const words = args + 8, count = int(words, COUNT), inner = int(words, INNER);
  const step = <usize> inner << 2;
  const log2e = splat(QUICK_EXP, 0), round = splat(QUICK_EXP, 1), p0 = splat(QUICK_EXP, 2);
  const p1 = splat(QUICK_EXP, 3), p2 = splat(QUICK_EXP, 4), p3 = splat(QUICK_EXP, 5);
  const p4 = splat(QUICK_EXP, 6), one = splat(QUICK_EXP, 7), low = splat(QUICK_EXP, 8);
  for (let o = first; o < last; o++) {
    const block = step * <usize> (o * count);
    for (let column = 0; column < inner; column += 4) {
      const width = inner - column;
      const x = pointer(args, 0) + block + (<usize> column << 2);
      const y = pointer(args, 1) + block + (<usize> column << 2);
      let largest: V = f32x4.splat(-Infinity), total: V = i32x4.splat(0);
      for (let k = 0; k < count; k++) {
        largest = f32x4.pmax(largest, loadPart(x + <usize> k * step, width));
      }
      for (let k = 0; k < count; k++) {
        const shifted = f32x4.sub(loadPart(x + <usize> k * step, width), largest);
        const e = quickExpBy(shifted, log2e, round, p0, p1, p2, p3, p4, one, low);
        if (what === SOFTMAX) storePart(y + <usize> k * step, e, width);
        total = f32x4.add(total, e);
      }
      if (what === LOG_SUM_EXP) {
        const to = pointer(args, 1) + (<usize> (o * inner + column) << 2);
        storePart(to, f32x4.add(largest, log(total)), width);
        continue;
      }
      const end = what === SOFTMAX ? f32x4.div(f32x4.splat(1), total) : log(total);
      for (let k = 0; k < count; k++) {
        const to = y + <usize> k * step;
        const shifted = f32x4.sub(loadPart(x + <usize> k * step, width), largest);
        const result = what === SOFTMAX
          ? f32x4.mul(loadPart(to, width), end)
          : f32x4.sub(shifted, end);
        storePart(to, result, width);
      }
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
