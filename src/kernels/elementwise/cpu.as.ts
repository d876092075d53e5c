/**
 * y = f(a, b, c) over rows: y is dense, every operand has along a row either one element after the
 * other or a single one, and rows lie apart by strides, which cpu.ts works out. Where rows are
 * short a block of many is done at once, for which operands that are broadcast are written out.
 *
 * A function is a class without fields whose method `of` takes four elements at once; the compiler
 * makes one `map` per class. The walk from row to row is the same for all and lives in variables.
 */
import { int, pointer } from "../assembly/arguments.as";
import { placeOf } from "../assembly/axes.as";
import { scratch } from "../assembly/thread.as";
import { spreadRows } from "./cpu_spread.as";

/** Bases, by number of operands. */
export class One { @inline arity(): i32 { return 1; } }
export class Two { @inline arity(): i32 { return 2; } }
export class Three { @inline arity(): i32 { return 3; } }

// Words after the addresses, see cpu.ts. MOVES has two sets of bits, one per operand: which ones go
// from element to element along a row, and, from bit 8 on, which ones are spread out.
const SIZE = 0, CHUNK = 1, ROW = 2, PERIOD = 3, MOVES = 4, RANK = 5, AXES = 6;

/** Bytes of scratch memory per operand: an element 8 times, then rows or blocks of elements. */
const AREA: usize = 65536;
const SPREAD: usize = 64;
/** Elements of a block where rows are short and operands are spread out. */
const BLOCK = 2048;

/** Where row `row` of an operand begins, in bytes. Axes are its size and three strides. */
function rowStart(words: usize, operand: i32, row: u32): usize {
  return placeOf(words + (AXES << 2), int(words, RANK), 4, operand + 1, row);
}

/** A row that all rows share, of `period` elements, repeated until it fills `row` elements. */
export function repeat(from: usize, to: usize, period: i32, row: i32): void {
  const bytes = <usize> period << 2, all = <usize> row << 2;
  for (let done: usize = 0; done < all; done += bytes) memory.copy(to + done, from, bytes);
}

/** Whether operand `k` goes from element to element along a row. */
// @ts-ignore: decorator
@inline
function moves(words: usize, k: i32): bool {
  return (int(words, MOVES) >> k & 1) !== 0;
}

/** The address of an operand that `map` counts its rows from. */
function rowsOf(address: usize, words: usize, k: i32): usize {
  const period = int(words, PERIOD);
  if (period === 0 || !moves(words, k) || int(words, AXES + 1 + k) !== 0) return address;
  const area = scratch + <usize> k * AREA + SPREAD;
  repeat(address, area, period, int(words, ROW));
  return area;
}

/** Where to read column `column` of row `row`: a single element is spread over 8 first. */
function columnOf(address: usize, words: usize, k: i32, row: u32, column: i32): usize {
  const start = address + rowStart(words, k, row);
  if (moves(words, k)) return start + (<usize> column << 2);
  const area = scratch + <usize> k * AREA;
  const value = v128.load32_splat(start);
  v128.store(area, value);
  v128.store(area, value, 16);
  return area;
}

/** Where to read elements `at` to at + count - 1 of a block: spread out, or as they lie. */
function blockOf(address: usize, words: usize, k: i32, at: u32, count: i32): usize {
  if ((int(words, MOVES) >> 8 >> k & 1) !== 0) {
    const area = scratch + <usize> k * AREA + SPREAD;
    const axes = words + (AXES << 2), row = int(words, ROW);
    spreadRows(address, area, axes, int(words, RANK), k, row, moves(words, k), at, count);
    return area;
  }
  // All others are dense, or one element.
  return columnOf(address, words, k, 0, at);
}

// Where the walk is: elements still to do are first to end - 1, and begin with this row.
let words: usize, first: i32, end: i32;
let aRows: usize, bRows: usize, cRows: usize, yStart: usize;
let y: usize, a: usize, b: usize, c: usize, count: i32;
let aStep: usize, bStep: usize, cStep: usize;

/** Starts the walk of tasks `from` to `to` - 1: CHUNK elements each, SIZE in all. */
function begin(args: usize, arity: i32, from: i32, to: i32): void {
  words = args + (<usize> (arity + 1) << 2);
  yStart = pointer(args, arity);
  aRows = rowsOf(pointer(args, 0), words, 0);
  aStep = step(0);
  if (arity > 1) {
    bRows = rowsOf(pointer(args, 1), words, 1);
    bStep = step(1);
  }
  if (arity > 2) {
    cRows = rowsOf(pointer(args, 2), words, 2);
    cStep = step(2);
  }
  first = from * int(words, CHUNK);
  end = min(to * int(words, CHUNK), int(words, SIZE));
}

/** Bytes from four elements of operand `k` to the next four of a row or block. */
function step(k: i32): usize {
  return (int(words, MOVES) >> k & 0x101) !== 0 ? 16 : 0;
}

/** Goes on to the next row or block, or what is left of it; false at the end. */
function next(arity: i32): bool {
  if (first >= end) return false;
  y = yStart + (<usize> first << 2);
  if (int(words, MOVES) >= 256) {
    count = min(BLOCK, end - first);
    a = blockOf(aRows, words, 0, first, count);
    if (arity > 1) b = blockOf(bRows, words, 1, first, count);
    if (arity > 2) c = blockOf(cRows, words, 2, first, count);
  } else {
    const size = int(words, ROW);
    const row = <u32> first / size, column = first - row * size;
    count = min(size - column, end - first);
    a = columnOf(aRows, words, 0, row, column);
    if (arity > 1) b = columnOf(bRows, words, 1, row, column);
    if (arity > 2) c = columnOf(cRows, words, 2, row, column);
  }
  first += count;
  return true;
}

/** y = f(a, b, c) for tasks `from` to `to` - 1. */
export function map<F>(args: usize, from: i32, to: i32): void {
  const f = changetype<F>(0);
  begin(args, f.arity(), from, to);
  while (next(f.arity())) mapRow<F>(y, a, aStep, b, bStep, c, cStep, count);
}

/** One row; operands go on by `aStep`, `bStep`, `cStep` bytes per four elements, 16 or 0. */
// @ts-ignore: decorator
@inline
function mapRow<F>(
  y: usize, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, count: i32,
): void {
  const f = changetype<F>(0);
  const none = i32x4.splat(0);
  for (; count >= 8; count -= 8) {
    v128.store(y, f.of(
      v128.load(a),
      f.arity() > 1 ? v128.load(b) : none,
      f.arity() > 2 ? v128.load(c) : none,
    ));
    v128.store(y, f.of(
      v128.load(a, 16),
      f.arity() > 1 ? v128.load(b, 16) : none,
      f.arity() > 2 ? v128.load(c, 16) : none,
    ), 16);
    y += 32;
    a += aStep << 1;
    if (f.arity() > 1) b += bStep << 1;
    if (f.arity() > 2) c += cStep << 1;
  }
  for (; count >= 4; count -= 4) {
    v128.store(y, f.of(
      v128.load(a),
      f.arity() > 1 ? v128.load(b) : none,
      f.arity() > 2 ? v128.load(c) : none,
    ));
    y += 16;
    a += aStep;
    if (f.arity() > 1) b += bStep;
    if (f.arity() > 2) c += cStep;
  }
  for (; count > 0; count--) {
    v128.store32_lane(y, f.of(
      v128.load32_splat(a),
      f.arity() > 1 ? v128.load32_splat(b) : none,
      f.arity() > 2 ? v128.load32_splat(c) : none,
    ), 0);
    y += 4;
    a += aStep >> 2;
    if (f.arity() > 1) b += bStep >> 2;
    if (f.arity() > 2) c += cStep >> 2;
  }
}
