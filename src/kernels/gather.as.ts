/** Elements along one axis, each line by its own indices, and their gradient added back. */
import { int, pointer } from "./assembly/arguments.as";
import { placeOf } from "./assembly/axes.as";
import { indexAt } from "./assembly/indices.as";

// Words after the addresses of x or g, the index and y, see gather.ts: rows of the index along its
// last axis; axes are all others with size and stride in the indexed array, 0 for the one indexed.
const ROWS = 0, COUNT = 1, EACH = 2, STEP = 3, SIZE = 4, STRIDE = 5, SIGNED = 6, RANK = 7;
const AXES: usize = 32;

/** y[row, i] = x[row, index[row, i]]; a task has EACH rows. */
export function gather_rows(args: usize, first: i32, last: i32): void {
  const words = args + 12, count = int(words, COUNT), size = int(words, SIZE);
  const stride = int(words, STRIDE), step = int(words, STEP), signed = int(words, SIGNED) !== 0;
  const end = min(last * int(words, EACH), int(words, ROWS));
  for (let row = first * int(words, EACH); row < end; row++) {
    const x = pointer(args, 0) + placeOf(words + AXES, int(words, RANK), 2, 1, row);
    for (let i = 0; i < count; i++) {
      const at = row * count + i;
      const from = i * step + indexAt(pointer(args, 1), at, size, signed) * stride;
      store<u32>(pointer(args, 2) + (<usize> at << 2), load<u32>(x + (<usize> from << 2)));
    }
  }
}

/** y[row, index[row, i]] += g[row, i], in the order of rows; a task has EACH rows. */
export function scatter_rows(args: usize, first: i32, last: i32): void {
  const words = args + 12, count = int(words, COUNT), size = int(words, SIZE);
  const stride = int(words, STRIDE), step = int(words, STEP), signed = int(words, SIGNED) !== 0;
  const end = min(last * int(words, EACH), int(words, ROWS));
  for (let row = first * int(words, EACH); row < end; row++) {
    const y = pointer(args, 2) + placeOf(words + AXES, int(words, RANK), 2, 1, row);
    for (let i = 0; i < count; i++) {
      const at = row * count + i;
      const to = y + (<usize> (i * step + indexAt(pointer(args, 1), at, size, signed) * stride) << 2);
      store<f32>(to, load<f32>(to) + load<f32>(pointer(args, 0) + (<usize> at << 2)));
    }
  }
}
