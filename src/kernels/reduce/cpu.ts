import { sizeOf } from "../../shape.ts";
import type { CpuProgram, Spec } from "../kernel.ts";
import { type Axes, columnsCall, evenly, joinCall, rowsCall, TASK } from "./cpu_calls.ts";
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
  // Several rows of a few columns are one row of many columns, the rest of them follow.
  const side = Math.min(Math.ceil(NARROW / width), plan.count);
  const times = plan.reduced.length === 1 && plan.reducedStrides[0] === width ? side : 1;
  const count = Math.floor(plan.count / times), wide = width * times;
  const reduced = times === 1 ? axes.reduced : evenly([count], wide);
  const narrow = {
    width: wide,
    reduced,
    kept,
    own: width,
    tail: plan.count * width - count * wide,
  };
  const chunk = chunkOf(count);
  const parts = Math.ceil(count / chunk) * times;
  if (parts === 1) {
    const call = { entry, operands: [0, 1] as const, divisor };
    return { calls: [columnsCall(call, { ...narrow, chunk })] };
  }
  return {
    scratch: [{ shape: [outer, parts, width], dtype }],
    calls: [
      columnsCall({ entry, operands: [0, 2], divisor: 1 }, { ...narrow, chunk }),
      columnsCall({ entry, operands: [2, 1], divisor }, {
        width,
        chunk: parts,
        reduced: evenly([parts], width),
        kept: evenly([outer], parts * width),
      }),
    ],
  };
}

/** Rows of a chunk: as many results as rows behind each of them keep both sums short, and so exact. */
function chunkOf(count: number): number {
  const some = Math.max(SPAN, Math.ceil(Math.sqrt(count)));
  return count < 2 * some ? count : some;
}

/** y = where the largest or smallest x lies. */
export function argumentCpu(
  name: "argmax" | "argmin",
  x: Spec,
  axes: readonly number[],
): CpuProgram {
  const plan = reducePlan(x.shape, axes);
  if (plan.outputs === 0) return NOTHING;
  const entry = (kind: string): string => `${name}_${kind}_${x.dtype}`;
  const scratch = (parts: number) => [{ shape: [plan.outputs, parts], dtype: "i32" as const }];
  if (plan.rows) {
    const run = plan.reduced.at(-1) ?? 1,
      parts = plan.reduced.length > 1 ? 1 : Math.ceil(run / TASK);
    const rows = { run, chunk: parts === 1 ? run : TASK, ...axesOf(plan, "reduced") };
    if (parts === 1 || plan.outputs > 8) {
      const call = { entry: entry("rows"), operands: [0, 1] as const, divisor: 1 };
      return { calls: [rowsCall(call, { ...rows, chunk: run })] };
    }
    const call = { entry: entry("rows"), operands: [0, 2] as const, divisor: 1 };
    const join = joinCall(entry("join"), { width: 1, parts, step: 1 }, rows.kept);
    return { scratch: scratch(parts), calls: [rowsCall(call, rows), join] };
  }
  const width = plan.kept.at(-1)!, { reduced, kept } = axesOf(plan, "kept");
  const chunk = reduced.sizes.length > 1 ? plan.count : chunkOf(plan.count);
  const parts = Math.ceil(plan.count / chunk);
  const operands = [0, parts === 1 ? 1 : 2] as const;
  const columns = columnsCall({ entry: entry("columns"), operands, divisor: 1 }, {
    width,
    chunk,
    reduced,
    kept,
  });
  if (parts === 1) return { calls: [columns] };
  const join = joinCall(entry("join"), { width, parts, step: reduced.strides[0]! }, kept);
  return { scratch: scratch(parts), calls: [columns, join] };
}
