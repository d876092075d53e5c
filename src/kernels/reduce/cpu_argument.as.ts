/** Where the largest or smallest elements lie; of equal ones the first. */
import { int, pointer } from "../assembly/arguments.as";
import { placeOf } from "../assembly/axes.as";
import { scratch } from "../assembly/thread.as";
import { across, choose, read, storePart, write } from "../assembly/vectors.as";
import { joinRun } from "./cpu.as";
import { isShort, rowStep } from "./cpu_short.as";
import { foldLanes, MaxF32, MaxI32, MaxU32, MinF32, MinI32, MinU32 } from "./cpu_ways.as";
import {
  BLOCK, CHUNK, COLUMNS, EACH, keptPlace, OUTPUTS, REDUCED, reducedPlace, ROWS, RUN, RUNS, SPLITS,
} from "./cpu_words.as";

type V = v128;

/** The first place of `value` in a run, which may be that of an equal one; -1 where it is not. */
function find<F>(value: V, x: usize, count: i32): i32 {
  const f = changetype<F>(0);
  let at = 0;
  for (; at + 16 <= count; at += 16) {
    const from = x + (<usize> at << 2);
    const low = v128.or(f.equal(v128.load(from), value), f.equal(v128.load(from, 16), value));
    const high = v128.or(f.equal(v128.load(from, 32), value), f.equal(v128.load(from, 48), value));
    if (v128.any_true(v128.or(low, high))) break;
  }
  for (; at < count; at++) {
    const equal = f.equal(v128.load32_splat(x + (<usize> at << 2)), value);
    if (v128.any_true(equal)) return at;
  }
  return -1;
}

/** The place among `count` elements from `begin` on, of RUNS runs each of which begins `from`. */
// @ts-ignore: decorator
@inline
function placeOfBest<F>(words: usize, from: usize, begin: i32, count: i32): i32 {
  const f = changetype<F>(0);
  const runs = int(words, RUNS), run = int(words, RUN), at = from + (<usize> begin << 2);
  // All chains begin with the first element, so that a NaN in another place never stays.
  const start = f.start(v128.load32_splat(at), begin === 0);
  let total = start;
  for (let r = 0; r < runs; r++) {
    total = f.join(total, joinRun<F>(start, at + (runs === 1 ? 0 : reducedPlace(words, r)), count));
  }
  const best = foldLanes<F>(total);
  for (let r = 0; r < runs; r++) {
    const place = find<F>(best, at + (runs === 1 ? 0 : reducedPlace(words, r)), count);
    if (place >= 0) return r * run + begin + place;
  }
  return begin;
}

/** y[o] for o from `first` to `end` - 1, of short rows: a lane has a row. */
function shortRows<F>(args: usize, first: i32, end: i32): void {
  const f = changetype<F>(0);
  const words = args + 8, run = int(words, RUN), step = rowStep(words);
  let x = pointer(args, 0) + <usize> first * step, y = pointer(args, 1) + (<usize> first << 2);
  for (let left = end - first; left > 0; left -= 4, x += 4 * step, y += 16) {
    const second = left > 1 ? step : 0, third = left > 2 ? 2 * step : second;
    const fourth = left > 3 ? 3 * step : third;
    let best = across(x, second, third, fourth), place: V = i32x4.splat(0);
    for (let k = 1, at = x + 4; k < run; k++, at += 4) {
      const next = across(at, second, third, fourth), wins = f.wins(next, best);
      best = choose(wins, next, best);
      place = choose(wins, i32x4.splat(k), place);
    }
    storePart(y, place, left);
  }
}

/** y[o] over RUNS runs of RUN elements, or y[o, split] over chunks; a task has EACH results. */
function rows<F>(args: usize, first: i32, last: i32): void {
  const words = args + 8, splits = int(words, SPLITS), chunk = int(words, CHUNK);
  const end = min(last * int(words, EACH), int(words, OUTPUTS));
  if (isShort(words)) {
    shortRows<F>(args, first * int(words, EACH), end);
    return;
  }
  for (let i = first * int(words, EACH); i < end; i++) {
    const o = splits === 1 ? i : i / splits, begin = (i - o * splits) * chunk;
    const from = pointer(args, 0) + keptPlace(words, o);
    const place = placeOfBest<F>(words, from, begin, min(chunk, int(words, RUN) - begin));
    store<i32>(pointer(args, 1) + (<usize> i << 2), place);
  }
}

/** Four elements of rows r to r + rows - 1 against the best so far. */
// @ts-ignore: decorator
@inline
function meet<F>(
  best: usize, places: usize, x: usize, step: usize, r: i32, rows: i32, count: i32, whole: bool,
): void {
  const f = changetype<F>(0);
  let value = v128.load(best), place = v128.load(places);
  for (let k = 0; k < rows; k++) {
    const next = read(x, count, whole);
    place = choose(f.wins(next, value), i32x4.splat(r + k), place);
    value = f.join(value, next);
    x += step;
  }
  v128.store(best, value);
  v128.store(places, place);
}

/**
 * y[o, c] over ROWS rows, or y[o, split, c] over chunks of them. A task has one chunk of at most
 * BLOCK columns; the best of each and its place lie in scratch memory.
 */
function columns<F>(args: usize, first: i32, last: i32): void {
  const f = changetype<F>(0);
  const words = args + 8, splits = int(words, SPLITS), all = int(words, COLUMNS);
  const block = int(words, BLOCK), blocks = (all + block - 1) / block;
  const best = scratch, places = scratch + (<usize> block << 2) + 64;
  for (let task = first; task < last; task++) {
    const rest = task / splits, split = task - rest * splits;
    const o = rest / blocks, column = (rest - o * blocks) * block;
    const width = min(block, all - column), full = <usize> (width & ~3) << 2, left = width & 3;
    const from = pointer(args, 0) + keptPlace(words, o) + (<usize> column << 2);
    let row = split * int(words, CHUNK);
    const end = min(row + int(words, CHUNK), int(words, ROWS));
    const begin = from + reducedPlace(words, row);
    for (let at: usize = 0; at < <usize> width << 2; at += 16) {
      const value = read(begin + at, width - <i32> (at >> 2), at < full);
      v128.store(best + at, f.start(value, split === 0));
      v128.store(places + at, i32x4.splat(row));
    }
    // Four rows at once where they lie evenly.
    const step = reducedPlace(words, 1);
    for (; int(words, REDUCED) === 1 && row + 4 <= end; row += 4) {
      const x = from + <usize> row * step;
      for (let at: usize = 0; at < full; at += 16) {
        meet<F>(best + at, places + at, x + at, step, row, 4, 4, true);
      }
      if (left > 0) meet<F>(best + full, places + full, x + full, step, row, 4, left, false);
    }
    for (; row < end; row++) {
      const x = from + reducedPlace(words, row);
      for (let at: usize = 0; at < full; at += 16) {
        meet<F>(best + at, places + at, x + at, 0, row, 1, 4, true);
      }
      if (left > 0) meet<F>(best + full, places + full, x + full, 0, row, 1, left, false);
    }
    const to = pointer(args, 1) + (<usize> ((o * splits + split) * all + column) << 2);
    for (let at: usize = 0; at < full; at += 16) v128.store(to + at, v128.load(places + at));
    if (left > 0) write(to + full, v128.load(places + full), left, false);
  }
}

// Words of a join after the addresses of x, the places and y: columns, results of each, all results,
// results of a task, elements from place to place, and the axes before the columns.
const WIDTH = 0, PARTS = 1, ALL = 2, SHARE = 3, STEP = 4, RANK = 5, KEPT_AXES: usize = 24;

/** y[o, c] = the best of places[o, part, c], by what lies there in x. */
function join<F>(args: usize, first: i32, last: i32): void {
  const f = changetype<F>(0);
  const words = args + 12, width = int(words, WIDTH), parts = int(words, PARTS);
  const end = min(last * int(words, SHARE), int(words, ALL));
  for (let i = first * int(words, SHARE); i < end; i++) {
    const o = i / width, c = i - o * width;
    const kept = placeOf(words + KEPT_AXES, int(words, RANK), 2, 1, o);
    const from = pointer(args, 0) + kept + (<usize> c << 2);
    let places = pointer(args, 1) + (<usize> (o * parts * width + c) << 2);
    let place = load<i32>(places);
    let best = v128.load32_splat(from + (<usize> (place * int(words, STEP)) << 2));
    for (let part = 1; part < parts; part++) {
      places += <usize> width << 2;
      const other = load<i32>(places);
      const value = v128.load32_splat(from + (<usize> (other * int(words, STEP)) << 2));
      if (!v128.any_true(f.wins(value, best))) continue;
      best = value;
      place = other;
    }
    store<i32>(pointer(args, 2) + (<usize> i << 2), place);
  }
}

export function argmax_rows_f32(args: usize, i: i32, n: i32): void { rows<MaxF32>(args, i, n); }
export function argmax_columns_f32(args: usize, i: i32, n: i32): void { columns<MaxF32>(args, i, n); }
export function argmax_join_f32(args: usize, i: i32, n: i32): void { join<MaxF32>(args, i, n); }
export function argmax_rows_i32(args: usize, i: i32, n: i32): void { rows<MaxI32>(args, i, n); }
export function argmax_columns_i32(args: usize, i: i32, n: i32): void { columns<MaxI32>(args, i, n); }
export function argmax_join_i32(args: usize, i: i32, n: i32): void { join<MaxI32>(args, i, n); }
export function argmax_rows_u32(args: usize, i: i32, n: i32): void { rows<MaxU32>(args, i, n); }
export function argmax_columns_u32(args: usize, i: i32, n: i32): void { columns<MaxU32>(args, i, n); }
export function argmax_join_u32(args: usize, i: i32, n: i32): void { join<MaxU32>(args, i, n); }
export function argmin_rows_f32(args: usize, i: i32, n: i32): void { rows<MinF32>(args, i, n); }
export function argmin_columns_f32(args: usize, i: i32, n: i32): void { columns<MinF32>(args, i, n); }
export function argmin_join_f32(args: usize, i: i32, n: i32): void { join<MinF32>(args, i, n); }
export function argmin_rows_i32(args: usize, i: i32, n: i32): void { rows<MinI32>(args, i, n); }
export function argmin_columns_i32(args: usize, i: i32, n: i32): void { columns<MinI32>(args, i, n); }
export function argmin_join_i32(args: usize, i: i32, n: i32): void { join<MinI32>(args, i, n); }
export function argmin_rows_u32(args: usize, i: i32, n: i32): void { rows<MinU32>(args, i, n); }
export function argmin_columns_u32(args: usize, i: i32, n: i32): void { columns<MinU32>(args, i, n); }
export function argmin_join_u32(args: usize, i: i32, n: i32): void { join<MinU32>(args, i, n); }
