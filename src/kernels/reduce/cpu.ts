import { sizeOf } from "../../shape.ts";
import type { CpuProgram, Spec } from "../kernel.ts";
import { type Axes, columnsCall, evenly, rowsCall, TASK } from "./cpu_calls.ts";
import { type ReducePlan, reducePlan } from "./plan.ts";

/** Rows that are joined before their results are joined. */
const SPAN = 128;
/** Fewer columns than this are put side by side, several rows of them. */
const NARROW = 32;

const NOTHING: CpuProgram = { calls: [] };

/** What is computed of elements of which type. */
interface Reduction {
  readonly name: "sum" | "max" | "min";
  readonly dtype: Spec["dtype"];
  /** What results are divided by. */
  readonly divisor: number;
}

/** The axes of a plan, without the last one of the kind that is asked for. */
function axesOf(plan: ReducePlan, without: "reduced" | "kept"): { reduced: Axes; kept: Axes } {
  const cut = (list: readonly number[], kind: string) =>
    kind === without ? list.slice(0, -1) : list;
  return {
    reduced: {
      sizes: cut(plan.reduced, "reduced"),
      strides: cut(plan.reducedStrides, "reduced"),
    },
    kept: { sizes: cut(plan.kept, "kept"), strides: cut(plan.keptStrides, "kept") },
  };
}

/** y = sum, mean, largest or smallest of x over `axes`. */
export function valueCpu(
  name: "sum" | "max" | "min",
  x: Spec,
  options: { readonly axes: readonly number[]; readonly divisor?: number },
): CpuProgram {
  const { axes, divisor = 1 } = options;
  const plan = reducePlan(x.shape, axes);
  const reduction = { name, dtype: x.dtype, divisor };
  if (plan.outputs === 0) return NOTHING;
  return plan.rows || plan.count === 0
    ? rowsProgram(plan, reduction)
    : columnsProgram(plan, reduction);
}

/** One call; few long rows go in chunks, whose results a second call joins. */
function rowsProgram(plan: ReducePlan, { name, dtype, divisor }: Reduction): CpuProgram {
  const entry = `${name}_rows_${dtype}`;
  const run = plan.count === 0 ? 0 : plan.reduced.at(-1) ?? 1;
  const axes = axesOf(plan, "reduced"), { outputs } = plan;
  if (sizeOf(axes.reduced.sizes) > 1 || outputs > 8 || run < 2 * TASK) {
    const call = { entry, operands: [0, 1] as const, divisor };
    return { calls: [rowsCall(call, { run, chunk: Math.max(1, run), ...axes })] };
  }
  const chunks = Math.ceil(run / TASK);
  const parts = { run: chunks, chunk: chunks, reduced: evenly([], 0) };
  return {
    scratch: [{ shape: [outputs, chunks], dtype }],
    calls: [
      rowsCall({ entry, operands: [0, 2], divisor: 1 }, { run, chunk: TASK, ...axes }),
      rowsCall({ entry, operands: [2, 1], divisor }, { ...parts, kept: evenly([outputs], chunks) }),
    ],
  };
}

/** One call for few rows; many go in chunks, whose results a second call joins. */
function columnsProgram(plan: ReducePlan, { name, dtype, divisor }: Reduction): CpuProgram {
  const entry = `${name}_columns_${dtype}`;
  const width = plan.kept.at(-1)!, outer = plan.outputs / width;
  const { kept, ...axes } = axesOf(plan, "kept");
  // Several rows of a few columns are one row of many columns.
  let times = 1, reduced = axes.reduced;
  if (name === "sum" && plan.reduced.length === 1 && plan.reducedStrides[0] === width) {
    while (times * width < NARROW && plan.count % (2 * times) === 0) times *= 2;
    reduced = evenly([plan.count / times], width * times);
  }
  const count = plan.count / times;
  // As many results as rows behind each of them keep both sums short, and so exact.
  const some = Math.max(SPAN, Math.ceil(Math.sqrt(count)));
  const chunk = count < 2 * some ? count : some;
  const parts = Math.ceil(count / chunk) * times, wide = width * times;
  if (parts === 1) {
    const call = { entry, operands: [0, 1] as const, divisor };
    return { calls: [columnsCall(call, { width, chunk, reduced, kept })] };
  }
  return {
    scratch: [{ shape: [outer, parts, width], dtype }],
    calls: [
      columnsCall({ entry, operands: [0, 2], divisor: 1 }, { width: wide, chunk, reduced, kept }),
      columnsCall({ entry, operands: [2, 1], divisor }, {
        width,
        chunk: parts,
        reduced: evenly([parts], width),
        kept: evenly([outer], parts * width),
      }),
    ],
  };
}

/** y = where the largest or smallest x lies. */
export function argumentCpu(
  name: "argmax" | "argmin",
  x: Spec,
  axes: readonly number[],
): CpuProgram {
  const plan = reducePlan(x.shape, axes);
  if (plan.outputs === 0) return NOTHING;
  const call = {
    entry: `${name}_${plan.rows ? "rows" : "columns"}_${x.dtype}`,
    operands: [0, 1] as const,
    divisor: 1,
  };
  if (plan.rows) {
    const run = plan.reduced.at(-1) ?? 1;
    return { calls: [rowsCall(call, { run, chunk: run, ...axesOf(plan, "reduced") })] };
  }
  const width = plan.kept.at(-1)!;
  const columns = columnsCall(call, { width, chunk: plan.count, ...axesOf(plan, "kept") });
  // A task has all columns of an index before them.
  return { calls: [{ ...columns, tasks: plan.outputs / width }] };
}
