/** Elements of one axis by index, and their gradient added back. */
import { int, pointer } from "./assembly/arguments.as";
import { indexAt } from "./assembly/indices.as";
import { copyRun } from "./assembly/vectors.as";

// Words after the addresses of x or g, the indices and y, see take.ts.
const OUTER = 0, SIZE = 1, COUNT = 2, INNER = 3, SIGNED = 4, EACH = 5;

/** y[o, j] = x[o, indices[j]], runs of INNER elements; a task has EACH of them. */
export function take_runs(args: usize, first: i32, last: i32): void {
  const words = args + 12;
  const size = int(words, SIZE), count = int(words, COUNT), inner = int(words, INNER);
  const signed = int(words, SIGNED) !== 0, each = int(words, EACH);
  const indices = pointer(args, 1), bytes = <usize> inner << 2;
  const end = min(last * each, int(words, OUTER) * count);
  let i = first * each, o = i / count, j = i - o * count;
  let y = pointer(args, 2) + <usize> i * bytes;
  while (i < end) {
    const x = pointer(args, 0) + <usize> (o * size) * bytes, some = min(end - i, count - j);
    if (inner === 1) {
      for (const behind = j + some; j < behind; j++, y += 4) {
        store<u32>(y, load<u32>(x + (<usize> indexAt(indices, j, size, signed) << 2)));
      }
    } else {
      for (const behind = j + some; j < behind; j++, y += bytes) {
        copyRun(y, x + <usize> indexAt(indices, j, size, signed) * bytes, inner);
      }
    }
    i += some;
    j = 0;
    o++;
  }
}

/** y[o, indices[j]] += g[o, j]; a task has EACH columns of an o. */
export function take_grad(args: usize, first: i32, last: i32): void {
  const words = args + 12;
  const size = int(words, SIZE), count = int(words, COUNT), inner = int(words, INNER);
  const signed = int(words, SIGNED) !== 0, each = int(words, EACH);
  const indices = pointer(args, 1);
  const blocks = (inner + each - 1) / each;
  for (let task = first; task < last; task++) {
    const o = task / blocks, column = (task - o * blocks) * each;
    const width = min(each, inner - column);
    for (let j = 0; j < count; j++) {
      const to = (o * size + indexAt(indices, j, size, signed)) * inner + column;
      const from = (o * count + j) * inner + column;
      addRun(pointer(args, 2) + (<usize> to << 2), pointer(args, 0) + (<usize> from << 2), width);
    }
  }
}

/** y += g, `count` elements that lie together. */
function addRun(y: usize, g: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    v128.store(y, f32x4.add(v128.load(y), v128.load(g)));
    y += 16;
    g += 16;
  }
  for (; count > 0; count--) {
    store<f32>(y, load<f32>(y) + load<f32>(g));
    y += 4;
    g += 4;
  }
}
