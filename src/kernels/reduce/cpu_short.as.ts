/** Reductions of short rows, four of them side by side: a lane has a row. */
import { float, int, pointer } from "../assembly/arguments.as";
import { across, storePart } from "../assembly/vectors.as";
import { AXES, DIVISOR, KEPT, REDUCED, RUN, RUNS, SPLITS } from "./cpu_words.as";

type V = v128;

/** Longer rows are reduced one by one. */
const SHORT = 16;

/** Whether these are short rows that lie evenly. */
export function isShort(words: usize): bool {
  const run = int(words, RUN), alone = int(words, RUNS) === 1 && int(words, SPLITS) === 1;
  return run > 0 && run <= SHORT && alone && int(words, REDUCED) + int(words, KEPT) === 1;
}

/** Bytes from one row to the next. */
export function rowStep(words: usize): usize {
  return <usize> int(words, AXES + 1) << 2;
}

/** y[o] for o from `first` to `end` - 1. */
export function shortRows<F>(args: usize, first: i32, end: i32): void {
  const f = changetype<F>(0);
  const words = args + 8, run = int(words, RUN), step = rowStep(words);
  const divisor = float(words, DIVISOR);
  let x = pointer(args, 0) + <usize> first * step, y = pointer(args, 1) + (<usize> first << 2);
  for (let left = end - first; left > 0; left -= 4, x += 4 * step, y += 16) {
    // Where fewer than four rows are left lanes repeat the last one.
    const second = left > 1 ? step : 0, third = left > 2 ? 2 * step : second;
    const fourth = left > 3 ? 3 * step : third;
    let total = across(x, second, third, fourth);
    // A sum of nothing and this, too, has the sign that a sum has.
    total = f.join(f.start(total, true), total);
    for (let k = 1, at = x + 4; k < run; k++, at += 4) {
      total = f.join(total, across(at, second, third, fourth));
    }
    storePart(y, f.finish(total, divisor), left);
  }
}
