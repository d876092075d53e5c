/**
 * Reductions over rows, whose elements lie together, and over columns, where neighbours belong to
 * different outputs. Partial results are joined in an order that the shapes alone decide.
 */
import { float, int, pointer } from "../assembly/arguments.as";
import { loadPart } from "../assembly/vectors.as";
import { isShort, shortRows } from "./cpu_short.as";
import {
  MaxF32, MaxI32, MaxU32, MinF32, MinI32, MinU32, SumF32, SumI32,
} from "./cpu_ways.as";
import {
  BLOCK, CHUNK, COLUMNS, DIVISOR, EACH, keptPlace, OUTPUTS, OWN, reducedPlace, ROWS, RUN, RUNS,
  SPLITS, TAIL,
} from "./cpu_words.as";

type V = v128;

/** Four elements that a run of x is joined to, in four chains that all begin with `start`. */
// @ts-ignore: decorator
@inline
export function joinRun<F>(start: V, x: usize, count: i32): V {
  const f = changetype<F>(0);
  let a = start, b = start, c = start, d = start;
  for (; count >= 16; count -= 16) {
    a = f.join(a, v128.load(x));
    b = f.join(b, v128.load(x, 16));
    c = f.join(c, v128.load(x, 32));
    d = f.join(d, v128.load(x, 48));
    x += 64;
  }
  a = f.join(f.join(a, b), f.join(c, d));
  for (; count >= 4; count -= 4) {
    a = f.join(a, v128.load(x));
    x += 16;
  }
  return count > 0 ? f.join(a, f.part(loadPart(x, count), count)) : a;
}

/** Elements whose sum joins the sums of others: it keeps sums exact. */
const SPAN = 512;

/**
 * y[o] from RUNS runs of RUN elements. A run may be cut into SPLITS chunks with a result each. A
 * task has EACH results.
 */
function rows<F>(args: usize, first: i32, last: i32): void {
  const f = changetype<F>(0);
  const words = args + 8;
  const x = pointer(args, 0), y = pointer(args, 1);
  const splits = int(words, SPLITS), chunk = int(words, CHUNK), runs = int(words, RUNS);
  const end = min(last * int(words, EACH), int(words, OUTPUTS));
  if (isShort(words)) {
    shortRows<F>(args, first * int(words, EACH), end);
    return;
  }
  for (let i = first * int(words, EACH); i < end; i++) {
    const o = splits === 1 ? i : i / splits;
    const begin = (i - o * splits) * chunk;
    const count = min(chunk, int(words, RUN) - begin);
    const from = x + keptPlace(words, o) + (<usize> begin << 2);
    const start = f.start(v128.load32_splat(from), begin === 0);
    let total = start;
    for (let run = 0; run < runs; run++) {
      let at = from + (runs === 1 ? 0 : reducedPlace(words, run));
      for (let left = count; left > 0; left -= SPAN) {
        total = f.gather(total, joinRun<F>(start, at, min(left, SPAN)));
        at += SPAN << 2;
      }
    }
    v128.store32_lane(y + (<usize> i << 2), f.result(total, float(words, DIVISOR)), 0);
  }
}

/**
 * `to` begun, where the first row of an output or a chunk of it lies at `a`: the first `own`
 * elements begin with what lies there.
 */
function beginRow<F>(to: usize, a: usize, width: i32, own: i32): void {
  const f = changetype<F>(0);
  for (let i = 0; i < width; i++) {
    v128.store32_lane(to, f.start(v128.load32_splat(a), i < own), 0);
    to += 4;
    a += 4;
  }
}

function finishRow<F>(to: usize, width: i32, divisor: f32): void {
  const f = changetype<F>(0);
  for (; width > 0; width--) {
    v128.store32_lane(to, f.finish(v128.load32_splat(to), divisor), 0);
    to += 4;
  }
}

/** `to` joined with one row. */
// @ts-ignore: decorator
@inline
function joinRow<F>(to: usize, a: usize, width: i32): void {
  const f = changetype<F>(0);
  for (; width >= 4; width -= 4) {
    v128.store(to, f.join(v128.load(to), v128.load(a)));
    to += 16;
    a += 16;
  }
  for (; width > 0; width--) {
    v128.store32_lane(to, f.join(v128.load32_splat(to), v128.load32_splat(a)), 0);
    to += 4;
    a += 4;
  }
}

/** `to` joined with four rows, which lie at a, b, c and d. */
// @ts-ignore: decorator
@inline
function joinRows<F>(to: usize, a: usize, b: usize, c: usize, d: usize, width: i32): void {
  const f = changetype<F>(0);
  for (; width >= 4; width -= 4) {
    const all = f.four(v128.load(to), v128.load(a), v128.load(b), v128.load(c), v128.load(d));
    v128.store(to, all);
    to += 16;
    a += 16;
    b += 16;
    c += 16;
    d += 16;
  }
  for (; width > 0; width--) {
    const all = f.four(
      v128.load32_splat(to),
      v128.load32_splat(a),
      v128.load32_splat(b),
      v128.load32_splat(c),
      v128.load32_splat(d),
    );
    v128.store32_lane(to, all, 0);
    to += 4;
    a += 4;
    b += 4;
    c += 4;
    d += 4;
  }
}

/**
 * y[o, c] from ROWS rows of COLUMNS elements. Rows may be cut into SPLITS chunks with results of
 * their own: y[o, split, c]. A task has one chunk of at most BLOCK columns, and keeps its partial
 * results where y will be. Where a row is several rows of narrow columns, OWN of its elements are
 * the first of a column, and TAIL elements more make an unfinished row at the end.
 */
function columns<F>(args: usize, first: i32, last: i32): void {
  const f = changetype<F>(0);
  const words = args + 8;
  const x = pointer(args, 0), y = pointer(args, 1);
  const all = int(words, COLUMNS), block = int(words, BLOCK), splits = int(words, SPLITS);
  const blocks = (all + block - 1) / block;
  for (let task = first; task < last; task++) {
    const rest = task / splits, split = task - rest * splits;
    const o = rest / blocks, column = (rest - o * blocks) * block;
    const width = min(block, all - column);
    const to = y + (<usize> ((o * splits + split) * all + column) << 2);
    const from = x + keptPlace(words, o) + (<usize> column << 2);
    let row = split * int(words, CHUNK);
    const end = min(row + int(words, CHUNK), int(words, ROWS));
    beginRow<F>(to, from + reducedPlace(words, row), width, split === 0 ? int(words, OWN) : 0);
    for (; row + 4 <= end; row += 4) {
      joinRows<F>(
        to,
        from + reducedPlace(words, row),
        from + reducedPlace(words, row + 1),
        from + reducedPlace(words, row + 2),
        from + reducedPlace(words, row + 3),
        width,
      );
    }
    for (; row < end; row++) joinRow<F>(to, from + reducedPlace(words, row), width);
    if (end === int(words, ROWS)) joinRow<F>(to, from + reducedPlace(words, row), int(words, TAIL));
    finishRow<F>(to, width, float(words, DIVISOR));
  }
}

export function sum_rows_f32(args: usize, i: i32, n: i32): void { rows<SumF32>(args, i, n); }
export function sum_columns_f32(args: usize, i: i32, n: i32): void { columns<SumF32>(args, i, n); }
export function sum_rows_i32(args: usize, i: i32, n: i32): void { rows<SumI32>(args, i, n); }
export function sum_columns_i32(args: usize, i: i32, n: i32): void { columns<SumI32>(args, i, n); }
export function max_rows_f32(args: usize, i: i32, n: i32): void { rows<MaxF32>(args, i, n); }
export function max_columns_f32(args: usize, i: i32, n: i32): void { columns<MaxF32>(args, i, n); }
export function max_rows_i32(args: usize, i: i32, n: i32): void { rows<MaxI32>(args, i, n); }
export function max_columns_i32(args: usize, i: i32, n: i32): void { columns<MaxI32>(args, i, n); }
export function max_rows_u32(args: usize, i: i32, n: i32): void { rows<MaxU32>(args, i, n); }
export function max_columns_u32(args: usize, i: i32, n: i32): void { columns<MaxU32>(args, i, n); }
export function min_rows_f32(args: usize, i: i32, n: i32): void { rows<MinF32>(args, i, n); }
export function min_columns_f32(args: usize, i: i32, n: i32): void { columns<MinF32>(args, i, n); }
export function min_rows_i32(args: usize, i: i32, n: i32): void { rows<MinI32>(args, i, n); }
export function min_columns_i32(args: usize, i: i32, n: i32): void { columns<MinI32>(args, i, n); }
export function min_rows_u32(args: usize, i: i32, n: i32): void { rows<MinU32>(args, i, n); }
export function min_columns_u32(args: usize, i: i32, n: i32): void { columns<MinU32>(args, i, n); }
export { sum_rows_i32 as sum_rows_u32, sum_columns_i32 as sum_columns_u32 };
