/**
 * Copies along walks on the cpu: whole runs where neighbours stay neighbours, blocks where a matrix
 * is transposed.
 *
 * @module
 */
import { type Shape, sizeOf } from "../../shape.ts";
import type { CpuCall, CpuProgram, Spec } from "../kernel.ts";
import { collapse, denseWalk, type Walk } from "./walk.ts";

/** Elements of a task: some ten microseconds. */
const TASK = 32768;
/** Rows of a matrix that one task transposes, as in strided.as.ts. */
const SIDE = 32;

/** Size, stride in x and stride in y of every axis, innermost first. */
function axisWords(
  sizes: readonly number[],
  from: readonly number[],
  to: readonly number[],
): number[] {
  return sizes.map((size, axis) => [size, from[axis]!, to[axis]!]).reverse().flat();
}

/** y[to(i)] = x[from(i)] for every i below `shape`. `operands` are x and y. */
export function copyCall(
  shape: Shape,
  walks: { readonly from: Walk; readonly to: Walk },
  operands: readonly [x: number, y: number] = [0, 1],
): CpuCall | undefined {
  if (sizeOf(shape) === 0) return undefined;
  const { shape: sizes, strides } = collapse(shape, [walks.from, walks.to]);
  const [from, to] = strides as [number[], number[]];
  const starts = [walks.from.start, walks.to.start];
  const last = sizes.length - 1, across = from.indexOf(1);
  if (across >= 0 && across < last && from[last] !== 1 && to[last] === 1) {
    const rows = sizes[last]!, columns = sizes[across]!;
    const steps = [from[last]!, to[across]!];
    const others = [sizes, from, to].map((list) =>
      list.filter((_, k) => k !== last && k !== across)
    );
    const rank = others[0]!.length;
    return {
      entry: "strided_transpose",
      operands,
      words: [
        rows,
        columns,
        ...steps,
        ...starts,
        rank,
        ...axisWords(others[0]!, others[1]!, others[2]!),
      ],
      tasks: sizeOf(others[0]!) * Math.ceil(rows / SIDE),
    };
  }
  const count = sizes.pop() ?? 1, steps = [from.pop() ?? 1, to.pop() ?? 1];
  const rows = sizeOf(sizes), each = Math.max(1, Math.floor(TASK / count));
  return {
    entry: "strided_copy",
    operands,
    words: [rows, each, count, ...steps, ...starts, sizes.length, ...axisWords(sizes, from, to)],
    tasks: Math.ceil(rows / each),
  };
}

/** y, which is x read along a walk. */
export function walkCpu(y: Spec, walk: Walk): CpuProgram {
  const call = copyCall(y.shape, { from: walk, to: denseWalk(y.shape) });
  return { calls: call === undefined ? [] : [call] };
}

/** Operand `operand`, of `size` elements, filled with a 32-bit word. */
export function fillCall(operand: number, size: number, word: number): CpuCall {
  return {
    entry: "fill",
    operands: [operand],
    words: [size, TASK, word],
    tasks: Math.ceil(size / TASK),
  };
}
