import { floatBits } from "../cpu_words.ts";
import type { CpuProgram, Spec } from "../kernel.ts";
import type { Shape } from "../../shape.ts";
import { exampleSizes } from "./stream.ts";

/** Groups of 16 elements of a task: some ten microseconds. */
const EACH = 512;

/** What is drawn, for elements of this shape. */
interface Draw {
  readonly shape: Shape;
  /** The examples' numbers; they are operand 1 of `random` and 2 of `dropout`. */
  readonly ids: Spec | undefined;
}

/** Examples, their size, groups of a task, whether there are ids; and how many tasks. */
function drawWords({ shape, ids }: Draw): { readonly words: number[]; readonly tasks: number } {
  const [count, size] = exampleSizes(shape, ids);
  const tasks = Math.ceil(count * Math.ceil(size / 16) / EACH);
  return { words: [count, size, EACH, Number(ids !== undefined)], tasks };
}

/** Random numbers. Operands of the kernel: the key, perhaps ids. */
export function randomCpu(draw: Draw, distribution: "uniform" | "normal"): CpuProgram {
  const { words, tasks } = drawWords(draw);
  const operands = draw.ids === undefined ? [0, 0, 1] : [0, 1, 2];
  return { calls: [{ entry: `random_${distribution}`, operands, words, tasks }] };
}

/** Dropout. Operands of the kernel: x, the key, perhaps ids. */
export function dropoutCpu(draw: Draw, [least, scale]: readonly [number, number]): CpuProgram {
  const { words, tasks } = drawWords(draw);
  const operands = draw.ids === undefined ? [1, 1, 0, 2] : [1, 2, 0, 3];
  words.push(least, floatBits(scale));
  return { calls: [{ entry: "dropout", operands, words, tasks }] };
}
