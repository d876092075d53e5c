/** Where the largest or smallest elements lie; of equal ones the first. */
import { int, pointer } from "../assembly/arguments.as";
import { choose, loadPart, storePart } from "../assembly/vectors.as";
import { COLUMNS, EACH, keptPlace, OUTPUTS, reducedPlace, ROWS, RUN, RUNS } from "./cpu_words.as";

type V = v128;

class MaxF32 { @inline wins(a: V, b: V): V { return f32x4.gt(a, b); } }
class MaxI32 { @inline wins(a: V, b: V): V { return i32x4.gt_s(a, b); } }
class MaxU32 { @inline wins(a: V, b: V): V { return i32x4.gt_u(a, b); } }
class MinF32 { @inline wins(a: V, b: V): V { return f32x4.lt(a, b); } }
class MinI32 { @inline wins(a: V, b: V): V { return i32x4.lt_s(a, b); } }
class MinU32 { @inline wins(a: V, b: V): V { return i32x4.lt_u(a, b); } }

// Best elements and their places, lane by lane, at the end of a row.
let best: V = i32x4.splat(0), place: V = i32x4.splat(0);

/** The better of each lane and another one, which may come before it. */
function meetLanes<F>(value: V, at: V): void {
  const f = changetype<F>(0);
  const equal = v128.not(v128.or(f.wins(value, best), f.wins(best, value)));
  const wins = v128.or(f.wins(value, best), v128.and(equal, i32x4.lt_s(at, place)));
  best = choose(wins, value, best);
  place = choose(wins, at, place);
}

/** y[o] over RUNS runs of RUN elements, EACH results per task. */
function rows<F>(args: usize, first: i32, last: i32): void {
  const f = changetype<F>(0);
  const words = args + 8;
  const x = pointer(args, 0), y = pointer(args, 1);
  const run = int(words, RUN), runs = int(words, RUNS);
  const end = min(last * int(words, EACH), int(words, OUTPUTS));
  for (let o = first * int(words, EACH); o < end; o++) {
    const from = x + keptPlace(words, o);
    // Every lane begins with the first element, so that a NaN in another place never stays.
    let value = v128.load32_splat(from), where: V = i32x4.splat(0);
    for (let r = 0; r < runs; r++) {
      let a = from + (runs === 1 ? 0 : reducedPlace(words, r));
      let at = i32x4.add(i32x4.splat(r * run), i32x4(0, 1, 2, 3));
      let count = run;
      for (; count >= 4; count -= 4) {
        const next = v128.load(a), wins = f.wins(next, value);
        value = choose(wins, next, value);
        where = choose(wins, at, where);
        at = i32x4.add(at, i32x4.splat(4));
        a += 16;
      }
      if (count === 0) continue;
      // Lanes that repeat an element have a later place.
      const next = loadPart(a, count), wins = f.wins(next, value);
      value = choose(wins, next, value);
      where = choose(wins, at, where);
    }
    best = value;
    place = where;
    meetLanes<F>(i32x4.shuffle(best, best, 2, 3, 0, 1), i32x4.shuffle(place, place, 2, 3, 0, 1));
    meetLanes<F>(i32x4.shuffle(best, best, 1, 0, 3, 2), i32x4.shuffle(place, place, 1, 0, 3, 2));
    v128.store32_lane(y + (<usize> o << 2), place, 0);
  }
}

/** y[o, c] over ROWS rows, four columns c at once; a task has one o. */
function columns<F>(args: usize, first: i32, last: i32): void {
  const f = changetype<F>(0);
  const words = args + 8;
  const all = int(words, COLUMNS), count = int(words, ROWS);
  for (let o = first; o < last; o++) {
    let from = pointer(args, 0) + keptPlace(words, o);
    let to = pointer(args, 1) + (<usize> (o * all) << 2);
    for (let width = all; width > 0; width -= 4) {
      let value = loadPart(from, width), where: V = i32x4.splat(0);
      for (let r = 1; r < count; r++) {
        const next = loadPart(from + reducedPlace(words, r), width), wins = f.wins(next, value);
        value = choose(wins, next, value);
        where = choose(wins, i32x4.splat(r), where);
      }
      storePart(to, where, width);
      from += 16;
      to += 16;
    }
  }
}

export function argmax_rows_f32(args: usize, i: i32, n: i32): void { rows<MaxF32>(args, i, n); }
export function argmax_columns_f32(args: usize, i: i32, n: i32): void { columns<MaxF32>(args, i, n); }
export function argmax_rows_i32(args: usize, i: i32, n: i32): void { rows<MaxI32>(args, i, n); }
export function argmax_columns_i32(args: usize, i: i32, n: i32): void { columns<MaxI32>(args, i, n); }
export function argmax_rows_u32(args: usize, i: i32, n: i32): void { rows<MaxU32>(args, i, n); }
export function argmax_columns_u32(args: usize, i: i32, n: i32): void { columns<MaxU32>(args, i, n); }
export function argmin_rows_f32(args: usize, i: i32, n: i32): void { rows<MinF32>(args, i, n); }
export function argmin_columns_f32(args: usize, i: i32, n: i32): void { columns<MinF32>(args, i, n); }
export function argmin_rows_i32(args: usize, i: i32, n: i32): void { rows<MinI32>(args, i, n); }
export function argmin_columns_i32(args: usize, i: i32, n: i32): void { columns<MinI32>(args, i, n); }
export function argmin_rows_u32(args: usize, i: i32, n: i32): void { rows<MinU32>(args, i, n); }
export function argmin_columns_u32(args: usize, i: i32, n: i32): void { columns<MinU32>(args, i, n); }
