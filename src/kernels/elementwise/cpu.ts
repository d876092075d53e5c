import { broadcastStrides, sizeOf } from "../../shape.ts";
import type { CpuProgram, Spec } from "../kernel.ts";
import { collapse } from "../strided/walk.ts";

/** Elements of a task: some ten microseconds. */
const CHUNK = 32768;
/** Rows shorter than this, shared by all rows, are repeated until they are as long. */
const SHORT = 256;

/** Entry `entry` over all elements of y, which the inputs are broadcast to. */
export function elementwiseCpu(entry: string, inputs: readonly Spec[], y: Spec): CpuProgram {
  if (sizeOf(y.shape) === 0) return { calls: [] };
  const walks = inputs.map(({ shape }) => ({
    start: 0,
    strides: broadcastStrides(shape, y.shape),
  }));
  const { shape: axes, strides } = collapse(y.shape, walks);
  let row = axes.pop() ?? 1;
  const steps = strides.map((own) => own.pop() ?? 0);
  const size = sizeOf(y.shape);
  const shared = strides.map((own, k) => steps[k] === 1 && own.length === 1 && own[0] === 0);
  let period = 0;
  if (row < SHORT && axes.length === 1 && shared.includes(true) && rowsOnly(row, strides, steps)) {
    period = row;
    const times = Math.ceil(SHORT / row);
    row *= times;
    strides.forEach((own) => own[0]! *= times);
  }
  const words = [size, CHUNK, row, period];
  words.push(steps.reduce((bits, step, k) => bits | step << k, 0), axes.length);
  for (let axis = axes.length - 1; axis >= 0; axis--) {
    words.push(axes[axis]!, ...[0, 1, 2].map((k) => strides[k]?.[axis] ?? 0));
  }
  const operands = Array.from({ length: inputs.length + 1 }, (_, k) => k);
  return { calls: [{ entry, operands, words, tasks: Math.ceil(size / CHUNK) }] };
}

/** Whether several rows in a row look like one longer row to every operand. */
function rowsOnly(row: number, strides: readonly number[][], steps: readonly number[]): boolean {
  return strides.every(([stride], k) => stride === 0 || (stride === row && steps[k] === 1));
}
