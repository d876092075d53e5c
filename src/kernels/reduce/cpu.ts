import { sizeOf } from "../../shape.ts";
import { floatBits } from "../cpu_words.ts";
import type { CpuCall, CpuProgram, Spec } from "../kernel.ts";
import { reducePlan } from "./plan.ts";

/** Elements of a task: some ten microseconds. */
const TASK = 131072;
/** Columns that a task walks side by side: their partial results stay in the nearest cache. */
const BLOCK = 1024;
/** Rows that are joined before their results are joined. */
const SPAN = 128;
/** Fewer columns than this are put side by side, several rows of them. */
const NARROW = 32;

const NOTHING: CpuProgram = { calls: [] };

/** An array that is walked axis by axis, outermost first. */
interface Axes {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
}

/** Ranks, then size and stride of every axis, innermost first. */
function axisWords(reduced: Axes, kept: Axes): number[] {
  const pairs = ({ sizes, strides }: Axes): number[] => {
    return sizes.flatMap((size, axis) => [strides[axis]!, size]).reverse();
  };
  return [reduced.sizes.length, kept.sizes.length, ...pairs(reduced), ...pairs(kept)];
}

/** Which operands a call reads and writes, and what it divides results by. */
interface Call {
  readonly entry: string;
  readonly operands: readonly [from: number, to: number];
  readonly divisor: number;
}

/** y[o] from several runs of elements that lie together, each in `splits` chunks. */
function rows(
  { entry, operands, divisor }: Call,
  sizes: {
    readonly run: number;
    readonly chunk: number;
    readonly reduced: Axes;
    readonly kept: Axes;
  },
): CpuCall {
  const { run, chunk, reduced, kept } = sizes;
  const splits = Math.max(1, Math.ceil(run / chunk)), runs = sizeOf(reduced.sizes);
  const outputs = sizeOf(kept.sizes) * splits;
  const each = Math.max(1, Math.floor(TASK / Math.max(1, Math.min(chunk, run) * runs)));
  return {
    entry,
    operands,
    words: [
      run,
      chunk,
      splits,
      outputs,
      each,
      floatBits(divisor),
      runs,
      ...axisWords(reduced, kept),
    ],
    tasks: Math.ceil(outputs / each),
  };
}

/** y[o, split, c] from several rows, in chunks of rows. */
function columns(
  { entry, operands, divisor }: Call,
  sizes: {
    readonly columns: number;
    readonly chunk: number;
    readonly reduced: Axes;
    readonly kept: Axes;
  },
): CpuCall {
  const { chunk, reduced, kept } = sizes;
  const count = sizeOf(reduced.sizes);
  const splits = Math.ceil(count / chunk);
  const tasks = sizeOf(kept.sizes) * Math.ceil(sizes.columns / BLOCK) * splits;
  const head = [sizes.columns, chunk, splits, 0, BLOCK, floatBits(divisor), count];
  return { entry, operands, words: [...head, ...axisWords(reduced, kept)], tasks };
}

/** y = sum, mean, largest or smallest of x over `axes`. */
export function valueCpu(
  name: "sum" | "max" | "min",
  x: Spec,
  options: { readonly axes: readonly number[]; readonly divisor?: number },
): CpuProgram {
  const { axes, divisor = 1 } = options;
  const plan = reducePlan(x.shape, axes);
  if (plan.outputs === 0) return NOTHING;
  const byRows = plan.rows || plan.count === 0;
  const entry = `${name}_${byRows ? "rows" : "columns"}_${x.dtype}`;
  const only: Call = { entry, operands: [0, 1], divisor };
  const first: Call = { entry, operands: [0, 2], divisor: 1 };
  const second: Call = { entry, operands: [2, 1], divisor };
  const dense = (sizes: readonly number[], step: number): Axes => {
    return { sizes, strides: sizes.map(() => step) };
  };
  if (byRows) return rowsProgram();
  return columnsProgram();

  function rowsProgram(): CpuProgram {
    const kept = { sizes: plan.kept, strides: plan.keptStrides };
    const run = plan.count === 0 ? 0 : plan.reduced.at(-1) ?? 1;
    const reduced = {
      sizes: plan.reduced.slice(0, -1),
      strides: plan.reducedStrides.slice(0, -1),
    };
    if (sizeOf(reduced.sizes) > 1 || plan.outputs > 8 || run < 2 * TASK) {
      return { calls: [rows(only, { run, chunk: Math.max(1, run), reduced, kept })] };
    }
    const splits = Math.ceil(run / TASK), none = dense([], 0);
    const again = {
      run: splits,
      chunk: splits,
      reduced: none,
      kept: dense([plan.outputs], splits),
    };
    return {
      scratch: [{ shape: [plan.outputs, splits], dtype: x.dtype }],
      calls: [rows(first, { run, chunk: TASK, reduced, kept }), rows(second, again)],
    };
  }

  function columnsProgram(): CpuProgram {
    const width = plan.kept.at(-1)!, outer = plan.outputs / width;
    const kept = { sizes: plan.kept.slice(0, -1), strides: plan.keptStrides.slice(0, -1) };
    let reduced: Axes = { sizes: plan.reduced, strides: plan.reducedStrides };
    // Several rows of a few columns are one row of many columns.
    let times = 1;
    if (name === "sum" && plan.reduced.length === 1 && plan.reducedStrides[0] === width) {
      while (times * width < NARROW && plan.count % (2 * times) === 0) times *= 2;
      reduced = dense([plan.count / times], width * times);
    }
    const wide = width * times, count = plan.count / times;
    // As many sums of sums as numbers in a sum keeps both short, and so exact.
    const chunk = Math.max(SPAN, Math.ceil(Math.sqrt(count)));
    const splits = count < 2 * chunk ? 1 : Math.ceil(count / chunk);
    const rowsEach = splits === 1 ? count : chunk;
    if (splits * times === 1) {
      return { calls: [columns(only, { columns: wide, chunk: rowsEach, reduced, kept })] };
    }
    const parts = splits * times;
    return {
      scratch: [{ shape: [outer, parts, width], dtype: x.dtype }],
      calls: [
        columns(first, { columns: wide, chunk: rowsEach, reduced, kept }),
        columns(second, {
          columns: width,
          chunk: parts,
          reduced: dense([parts], width),
          kept: dense([outer], parts * width),
        }),
      ],
    };
  }
}

/** y = where the largest or smallest x lies. */
export function argumentCpu(
  name: "argmax" | "argmin",
  x: Spec,
  axes: readonly number[],
): CpuProgram {
  const plan = reducePlan(x.shape, axes);
  if (plan.outputs === 0) return NOTHING;
  const cut = (sizes: readonly number[], last: boolean) => last ? sizes.slice(0, -1) : sizes;
  const reduced: Axes = {
    sizes: cut(plan.reduced, plan.rows),
    strides: cut(plan.reducedStrides, plan.rows),
  };
  const kept: Axes = {
    sizes: cut(plan.kept, !plan.rows),
    strides: cut(plan.keptStrides, !plan.rows),
  };
  const call = {
    entry: `${name}_${plan.rows ? "rows" : "columns"}_${x.dtype}`,
    operands: [0, 1] as const,
    divisor: 1,
  };
  if (plan.rows) {
    const run = plan.reduced.at(-1) ?? 1;
    return { calls: [rows(call, { run, chunk: run, reduced, kept })] };
  }
  // One task per run of columns.
  const width = plan.kept.at(-1)!;
  return {
    calls: [{
      ...columns(call, { columns: width, chunk: plan.count, reduced, kept }),
      tasks: plan.outputs / width,
    }],
  };
}
