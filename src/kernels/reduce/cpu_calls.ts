/**
 * Calls of the reductions on the cpu: the arguments of rows and of columns.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import { floatBits } from "../cpu_words.ts";
import type { CpuCall } from "../kernel.ts";

/** Elements of a task: some ten microseconds. */
export const TASK = 131072;
/** Places of a task that joins them: they lie anywhere. */
const JOIN = 4096;
/** Columns that a task walks side by side: their partial results stay in the nearest cache. */
const BLOCK = 1024;

/** An array that is walked axis by axis, outermost first. */
export interface Axes {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
}

/** Axes that are walked as one would walk a dense array of the last one's `step`. */
export function evenly(sizes: readonly number[], step: number): Axes {
  return { sizes, strides: sizes.map(() => step) };
}

/** Which operands a call reads and writes, and what it divides results by. */
export interface Call {
  readonly entry: string;
  readonly operands: readonly [from: number, to: number];
  readonly divisor: number;
}

/** Size and stride of every axis, innermost first. */
function axisWords(reduced: Axes, kept: Axes): number[] {
  const pairs = ({ sizes, strides }: Axes): number[] => {
    return sizes.flatMap((size, axis) => [strides[axis]!, size]).reverse();
  };
  return [...pairs(reduced), ...pairs(kept)];
}

/** Runs of elements that lie together; several make one output. */
export interface Rows {
  /** Elements of a run. */
  readonly run: number;
  /** Elements with a result of their own, at least 1. */
  readonly chunk: number;
  /** The axes beside the run. */
  readonly reduced: Axes;
  readonly kept: Axes;
}

/** y[o, chunk] from runs. */
export function rowsCall({ entry, operands, divisor }: Call, rows: Rows): CpuCall {
  const { run, chunk, reduced, kept } = rows;
  const chunks = Math.max(1, Math.ceil(run / chunk)), runs = sizeOf(reduced.sizes);
  const outputs = sizeOf(kept.sizes) * chunks;
  const each = Math.max(1, Math.floor(TASK / Math.max(1, Math.min(chunk, run) * runs)));
  const head = [run, chunk, chunks, outputs, each, floatBits(divisor), runs];
  const ranks = [reduced.sizes.length, kept.sizes.length];
  return {
    entry,
    operands,
    words: [...head, ...ranks, 0, ...axisWords(reduced, kept)],
    tasks: Math.ceil(outputs / each),
  };
}

/** Rows whose elements belong to different outputs. */
export interface Columns {
  /** Elements of a row. */
  readonly width: number;
  /** Rows with results of their own, at least 1. */
  readonly chunk: number;
  readonly reduced: Axes;
  /** The axes before the columns. */
  readonly kept: Axes;
  /** Elements of a row that are the first of their column. Default: all. */
  readonly own?: number;
  /** Elements that follow the last row. Default 0. */
  readonly tail?: number;
}

/** y[o, chunk, column] from rows. */
export function columnsCall({ entry, operands, divisor }: Call, columns: Columns): CpuCall {
  const { width, chunk, reduced, kept, own = width, tail = 0 } = columns;
  const rows = sizeOf(reduced.sizes), chunks = Math.ceil(rows / chunk);
  const head = [width, chunk, chunks, own, BLOCK, floatBits(divisor), rows];
  const ranks = [reduced.sizes.length, kept.sizes.length];
  return {
    entry,
    operands,
    words: [...head, ...ranks, tail, ...axisWords(reduced, kept)],
    tasks: sizeOf(kept.sizes) * Math.ceil(width / BLOCK) * chunks,
  };
}

/** y[o, column] = the best of places[o, part, column], by x, in which places are `step` apart. */
export function joinCall(
  entry: string,
  places: { readonly width: number; readonly parts: number; readonly step: number },
  kept: Axes,
): CpuCall {
  const { width, parts, step } = places, all = sizeOf(kept.sizes) * width;
  const each = Math.max(1, Math.floor(JOIN / parts));
  const head = [width, parts, all, each, step, kept.sizes.length];
  const words = [...head, ...axisWords(evenly([], 0), kept)];
  return { entry, operands: [0, 2, 1], words, tasks: Math.ceil(all / each) };
}
