import { int, pointer } from "./assembly/arguments.as";

/** y[row] is zeros with the word ONE at the label; words: ROWS, CLASSES, EACH rows a task, ONE. */
export function one_hot(args: usize, first: i32, last: i32): void {
  const words = args + 8, classes = int(words, 1);
  const end = min(last * int(words, 2), int(words, 0));
  const begin = first * int(words, 2), y = pointer(args, 1);
  memory.fill(y + (<usize> (begin * classes) << 2), 0, <usize> ((end - begin) * classes) << 2);
  for (let row = begin; row < end; row++) {
    const label = load<i32>(pointer(args, 0) + (<usize> row << 2));
    if (<u32> label >= <u32> classes) continue;
    store<i32>(y + (<usize> (row * classes + label) << 2), int(words, 3));
  }
}
