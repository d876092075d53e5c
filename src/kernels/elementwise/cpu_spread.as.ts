/** Operands of short rows, written out element by element as the result has them. */
import { placeOf } from "../assembly/axes.as";

/** `count` times the element at `from`; up to three more are written behind them. */
// @ts-ignore: decorator
@inline
function fillRun(from: usize, to: usize, count: i32): void {
  const value = v128.load32_splat(from);
  for (; count > 0; count -= 4) {
    v128.store(to, value);
    to += 16;
  }
}

/** `count` elements; nothing is read behind them. */
// @ts-ignore: decorator
@inline
function copyShort(from: usize, to: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    v128.store(to, v128.load(from));
    from += 16;
    to += 16;
  }
  for (; count > 0; count--) {
    store<u32>(to, load<u32>(from));
    from += 4;
    to += 4;
  }
}

/** At least so many elements are repeated at once, so that none is read just after it is written. */
const APART = 32;

/** `count` elements of a row that is repeated, from its element `column` on. */
function fillPeriodic(row: usize, to: usize, size: i32, column: i32, count: i32): void {
  let distance = size;
  while (distance < APART) distance += size;
  const end = to + (<usize> count << 2), step = <usize> distance << 2;
  const begun = min(end, to + step);
  for (; to < begun; to += 4) {
    store<u32>(to, load<u32>(row + (<usize> column << 2)));
    if (++column === size) column = 0;
  }
  for (; to < end; to += 16) v128.store(to, v128.load(to - step));
}

/**
 * Elements `first` to first + count - 1 of operand `k`, which has rows of `row` elements, or of one
 * element that counts for all where it does not move. Up to three more are written behind them.
 * Axes are a size and three strides each, innermost first.
 */
export function spreadRows(
  from: usize, to: usize, axes: usize, rank: i32, k: i32, row: i32, moves: bool, first: u32,
  count: i32,
): void {
  let index: u32 = first / row, column = <i32> (first - index * row);
  const size = rank > 1 ? load<i32>(axes) : <i32> 0x7fffffff;
  const step = <usize> load<i32>(axes + (<usize> k << 2), 4) << 2;
  while (count > 0) {
    // The rows along the innermost axis lie `step` apart.
    let at = from + placeOf(axes, rank, 4, k + 1, index);
    let rows = size - <i32> (index % size);
    if (moves && step === 0) {
      const all = <i32> min(<i64> count, <i64> rows * row - column);
      fillPeriodic(at, to, row, column, all);
      to += <usize> all << 2;
      count -= all;
      index += rows;
      column = 0;
      continue;
    }
    for (; rows > 0 && count > 0; rows--, index++, at += step) {
      const some = min(row - column, count);
      if (moves) copyShort(at + (<usize> column << 2), to, some);
      else fillRun(at, to, some);
      to += <usize> some << 2;
      count -= some;
      column = 0;
    }
  }
}
