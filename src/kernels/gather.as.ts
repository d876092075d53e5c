/** Elements along one axis, each line by its own indices, and their gradient added back. */
import { int, pointer } from "./assembly/arguments.as";
import { placeOf } from "./assembly/axes.as";
import { indexAt } from "./assembly/indices.as";

// Words after the addresses of x or g, the index and y, see gather.ts: rows of the index along its
// last axis; axes are all others with size and stride in the indexed array, 0 for the one indexed.
const ROWS = 0, COUNT = 1, EACH = 2, WIDTH = 3, STEP = 4, SIZE = 5, STRIDE = 6, SIGNED = 7;
const RANK = 8, AXES: usize = 36;

/** y[row, i] = x[row, index[row, i]]; a task has EACH rows. */
export function gather_rows(args: usize, first: i32, last: i32): void {
  const words = args + 12, count = int(words, COUNT), size = int(words, SIZE);
  const stride = int(words, STRIDE) << 2, step = <usize> int(words, STEP) << 2;
  const signed = int(words, SIGNED) !== 0, begin = first * int(words, EACH);
  const end = min(last * int(words, EACH), int(words, ROWS));
  let index = pointer(args, 1) + (<usize> (begin * count) << 2);
  let y = pointer(args, 2) + (<usize> (begin * count) << 2);
  for (let row = begin; row < end; row++) {
    let x = pointer(args, 0) + placeOf(words + AXES, int(words, RANK), 2, 1, row);
    for (let i = 0; i < count; i++, index += 4, y += 4, x += step) {
      store<u32>(y, load<u32>(x + indexAt(index, 0, size, signed) * stride));
    }
  }
}

/**
 * y[row, index[row, i]] += g[row, i], in the order of rows; a task has EACH rows and WIDTH columns
 * of them, which no other task adds to.
 */
export function scatter_rows(args: usize, first: i32, last: i32): void {
  const words = args + 12, count = int(words, COUNT), size = int(words, SIZE);
  const stride = int(words, STRIDE) << 2, step = <usize> int(words, STEP) << 2;
  const signed = int(words, SIGNED) !== 0, each = int(words, EACH), wide = int(words, WIDTH);
  const blocks = (count + wide - 1) / wide;
  for (let task = first; task < last; task++) {
    const part = task / blocks, column = (task - part * blocks) * wide;
    const width = min(wide, count - column), end = min(part * each + each, int(words, ROWS));
    for (let row = part * each; row < end; row++) {
      const begin = <usize> (row * count + column) << 2;
      let g = pointer(args, 0) + begin, index = pointer(args, 1) + begin;
      let y = pointer(args, 2) + placeOf(words + AXES, int(words, RANK), 2, 1, row) +
        <usize> column * step;
      for (let i = 0; i < width; i++, g += 4, index += 4, y += step) {
        const to = y + indexAt(index, 0, size, signed) * stride;
        store<f32>(to, load<f32>(to) + load<f32>(g));
      }
    }
  }
}
