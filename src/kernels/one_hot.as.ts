import { int, pointer } from "./assembly/arguments.as";

/** y[row] is zeros with the word ONE at the label; words: ROWS, CLASSES, EACH rows a task, ONE. */
export function one_hot(args: usize, first: i32, last: i32): void {
  const words = args + 8, classes = int(words, 1);
  const end = min(last * int(words, 2), int(words, 0));
  for (let row = first * int(words, 2); row < end; row++) {
    const y = pointer(args, 1) + (<usize> (row * classes) << 2);
    for (let at = y; at < y + (<usize> classes << 2); at += 4) store<i32>(at, 0);
    const label = load<i32>(pointer(args, 0) + (<usize> row << 2));
    if (<u32> label < <u32> classes) store<i32>(y + (<usize> label << 2), int(words, 3));
  }
}
