import { broadcastStrides, type Shape, sizeOf } from "../../shape.ts";
import type { CpuProgram, Spec } from "../kernel.ts";
import { collapse } from "../strided/walk.ts";

/** Elements of a task: some ten microseconds. */
const CHUNK = 32768;
/** Rows shorter than this, shared by all rows, are repeated until they are as long. */
const SHORT = 256;
/** Where rows are shorter than this, operands that are broadcast are written out first. */
const SPREAD = 128;

/** How an entry walks from row to row. */
export interface RowWalk {
  /** Elements of a row. */
  readonly row: number;
  /** If not 0, rows of operands whose elements are shared by all rows are so long, repeated. */
  readonly period: number;
  /** Which operands are to be repeated so. */
  readonly repeated: readonly boolean[];
  /**
   * Which operands go from element to element along a row, as bits, and from bit 8 on which are
   * written out first; then the other axes.
   */
  readonly axes: readonly number[];
}

/** The rows of a dense result of this shape, which up to three operands are broadcast to. */
export function rowWalk(inputs: readonly Shape[], shape: Shape): RowWalk {
  const walks = inputs.map((from) => ({ start: 0, strides: broadcastStrides(from, shape) }));
  const { shape: axes, strides } = collapse(shape, walks);
  let row = axes.pop() ?? 1;
  const steps = strides.map((own) => own.pop() ?? 0);
  const shared = strides.map((own, k) => steps[k] === 1 && own.length === 1 && own[0] === 0);
  let period = 0;
  if (row < SHORT && axes.length === 1 && shared.includes(true) && rowsOnly(row, strides, steps)) {
    period = row;
    const times = Math.ceil(SHORT / row);
    row *= times;
    strides.forEach((own) => own[0]! *= times);
  }
  const spread = strides.map((own, k) => {
    const dense = steps[k] === 1 &&
      own.every((stride, axis) => stride === row * sizeOf(axes.slice(axis + 1)));
    return period === 0 && row < SPREAD && !dense && (steps[k] === 1 || own.some(Boolean));
  });
  const bits = steps.map((step, k) => step << k | Number(spread[k]) << k + 8);
  const words = [bits.reduce((all, own) => all | own, 0), axes.length];
  for (let axis = axes.length - 1; axis >= 0; axis--) {
    words.push(axes[axis]!, ...[0, 1, 2].map((k) => strides[k]?.[axis] ?? 0));
  }
  return { row, period, repeated: shared.map((own) => own && period > 0), axes: words };
}

/** Entry `entry` over all elements of y, which the inputs are broadcast to. */
export function elementwiseCpu(entry: string, inputs: readonly Spec[], y: Spec): CpuProgram {
  const size = sizeOf(y.shape);
  if (size === 0) return { calls: [] };
  const { row, period, axes } = rowWalk(inputs.map(({ shape }) => shape), y.shape);
  const operands = Array.from({ length: inputs.length + 1 }, (_, k) => k);
  const words = [size, CHUNK, row, period, ...axes];
  return { calls: [{ entry, operands, words, tasks: Math.ceil(size / CHUNK) }] };
}

/** Whether several rows in a row look like one longer row to every operand. */
function rowsOnly(row: number, strides: readonly number[][], steps: readonly number[]): boolean {
  return strides.every(([stride], k) => stride === 0 || (stride === row && steps[k] === 1));
}
