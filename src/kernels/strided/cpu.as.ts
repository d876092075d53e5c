/** Copies of 32-bit elements along walks, see strided.ts, and what else only moves elements. */
import { int, pointer } from "../assembly/arguments.as";
import { placeOf } from "../assembly/axes.as";
import { scratch } from "../assembly/thread.as";
import { across, copyRun } from "../assembly/vectors.as";

/** A run backwards: `from` is the last element that is read, at the lowest address. */
function copyReversed(to: usize, from: usize, count: i32): void {
  from -= 12;
  for (; count >= 4; count -= 4) {
    const four = v128.load(from);
    v128.store(to, i32x4.shuffle(four, four, 3, 2, 1, 0));
    to += 16;
    from -= 16;
  }
  for (from += 12; count > 0; count--) {
    store<u32>(to, load<u32>(from));
    to += 4;
    from -= 4;
  }
}

/** Short runs are copied without a call. */
const SHORT = 16;

/** A row of `count` elements, `stepFrom` and `stepTo` bytes apart. */
// @ts-ignore: decorator
@inline
function copyRow(to: usize, stepTo: i32, from: usize, stepFrom: i32, count: i32): void {
  if (count >= SHORT && stepTo === 4 && stepFrom === 4) {
    copyRun(to, from, count);
  } else if (count >= SHORT && stepTo === 4 && stepFrom === -4) {
    copyReversed(to, from, count);
  } else {
    for (; count > 0; count--) {
      store<u32>(to, load<u32>(from));
      from += stepFrom;
      to += stepTo;
    }
  }
}

/** ROWS rows of COUNT elements; axes have size, stride in x and stride in y. */
export function strided_copy(args: usize, first: i32, last: i32): void {
  const words = args + 8, axes = words + 32;
  const each = int(words, 1), count = int(words, 2), rank = int(words, 7);
  const stepFrom = int(words, 3) << 2, stepTo = int(words, 4) << 2;
  const x = pointer(args, 0) + (<usize> int(words, 5) << 2);
  const y = pointer(args, 1) + (<usize> int(words, 6) << 2);
  const end = min(last * each, int(words, 0)), size = rank > 1 ? int(axes, 0) : end;
  let row = first * each;
  while (row < end) {
    // Along the innermost of these axes rows lie evenly.
    let from = x + placeOf(axes, rank, 3, 1, row), to = y + placeOf(axes, rank, 3, 2, row);
    const some = min(end - row, size - row % size);
    const nextFrom = rank > 0 ? int(axes, 1) << 2 : 0, nextTo = rank > 0 ? int(axes, 2) << 2 : 0;
    for (let k = 0; k < some; k++, from += nextFrom, to += nextTo) {
      copyRow(to, stepTo, from, stepFrom, count);
    }
    row += some;
  }
}

/** Elements of a side of what is transposed in the nearest cache. */
const SIDE = 32;

/** Four rows of four elements become columns. */
// @ts-ignore: decorator
@inline
function transposeFour(to: usize, stepTo: usize, from: usize, stepFrom: usize): void {
  const a = v128.load(from), b = v128.load(from + stepFrom);
  const c = v128.load(from + 2 * stepFrom), d = v128.load(from + 3 * stepFrom);
  const ab = i32x4.shuffle(a, b, 0, 4, 1, 5), abHigh = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cd = i32x4.shuffle(c, d, 0, 4, 1, 5), cdHigh = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(to, i32x4.shuffle(ab, cd, 0, 1, 4, 5));
  v128.store(to + stepTo, i32x4.shuffle(ab, cd, 2, 3, 6, 7));
  v128.store(to + 2 * stepTo, i32x4.shuffle(abHigh, cdHigh, 0, 1, 4, 5));
  v128.store(to + 3 * stepTo, i32x4.shuffle(abHigh, cdHigh, 2, 3, 6, 7));
}

/** Bytes between rows of a block in scratch memory: four more than it has, to spread over sets. */
const STAGE: usize = SIDE + 4 << 2;

/**
 * y[j, i] = x[i, j] for up to SIDE i and j. The block is copied to scratch memory first: rows that
 * lie a power of two apart drive each other out of the cache.
 */
function transposeBlock(
  to: usize, stepTo: usize, from: usize, stepFrom: usize, rows: i32, columns: i32,
): void {
  const row = <usize> columns << 2;
  for (let i = 0, at = scratch; i < rows; i++, from += stepFrom, at += STAGE) {
    copyRow(at, 4, from, 4, columns);
  }
  for (let j: usize = 0; j < row; j += 16, to += 4 * stepTo) {
    let i = 0, at = scratch + j, target = to;
    if (j + 16 <= row) {
      for (; i + 4 <= rows; i += 4, at += 4 * STAGE, target += 16) {
        transposeFour(target, stepTo, at, STAGE);
      }
    }
    for (let k: usize = 0; k < min<usize>(16, row - j); k += 4, target += stepTo) {
      for (let r = i, source = at + k; r < rows; r++, source += STAGE) {
        store<u32>(target + (<usize> (r - i) << 2), load<u32>(source));
      }
    }
  }
}

/** The same for few columns, whose rows lie together: four rows of a column at once. */
function transposeNarrow(
  to: usize, stepTo: usize, from: usize, stepFrom: usize, rows: i32, columns: i32,
): void {
  for (; columns > 0; columns--, from += 4, to += stepTo) {
    let at = from, target = to, i = rows;
    for (; i >= 4; i -= 4, at += 4 * stepFrom, target += 16) {
      v128.store(target, across(at, stepFrom, 2 * stepFrom, 3 * stepFrom));
    }
    for (; i > 0; i--, at += stepFrom, target += 4) store<u32>(target, load<u32>(at));
  }
}

/** Many matrices; a task is SIDE rows of one. Axes have size, stride in x and stride in y. */
export function strided_transpose(args: usize, first: i32, last: i32): void {
  const words = args + 8;
  const rows = int(words, 0), columns = int(words, 1), rank = int(words, 6);
  const stepFrom = <usize> int(words, 2) << 2, stepTo = <usize> int(words, 3) << 2;
  const x = pointer(args, 0) + (<usize> int(words, 4) << 2);
  const y = pointer(args, 1) + (<usize> int(words, 5) << 2);
  const strips = (rows + SIDE - 1) / SIDE;
  for (let task = first; task < last; task++) {
    const matrix = task / strips, i = (task - matrix * strips) * SIDE;
    const from = x + placeOf(words + 28, rank, 3, 1, matrix) + <usize> i * stepFrom;
    const to = y + placeOf(words + 28, rank, 3, 2, matrix) + (<usize> i << 2);
    if (columns < 4) {
      transposeNarrow(to, stepTo, from, stepFrom, min(SIDE, rows - i), columns);
      continue;
    }
    for (let j = 0; j < columns; j += SIDE) {
      const source = from + (<usize> j << 2), target = to + <usize> j * stepTo;
      const most = min(SIDE, columns - j);
      transposeBlock(target, stepTo, source, stepFrom, min(SIDE, rows - i), most);
    }
  }
}

/** All SIZE elements of y become the word VALUE; a task has EACH. */
export function fill(args: usize, first: i32, last: i32): void {
  const size = int(args, 1), each = int(args, 2);
  const value = v128.load32_splat(args + 12);
  let at = pointer(args, 0) + (<usize> (first * each) << 2);
  let count = min(last * each, size) - first * each;
  for (; count >= 4; count -= 4) {
    v128.store(at, value);
    at += 16;
  }
  for (; count > 0; count--) {
    v128.store32_lane(at, value, 0);
    at += 4;
  }
}
