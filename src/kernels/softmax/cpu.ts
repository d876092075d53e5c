import { sizeOf } from "../../shape.ts";
import type { CpuProgram, Spec } from "../kernel.ts";

/** Elements of a task: some ten microseconds. */
const TASK = 16384;

/** Columns of a task, as in cpu.as.ts. */
const BLOCK = 1024;

/** An entry's rows along one axis of x, or its columns where that is not the last one. */
export function softmaxCpu(
  name: "softmax" | "log_softmax" | "log_sum_exp",
  { shape }: Spec,
  axis: number,
): CpuProgram {
  const count = shape[axis]!, inner = sizeOf(shape.slice(axis + 1));
  const outer = sizeOf(shape.slice(0, axis));
  if (sizeOf(shape) === 0) return { calls: [] };
  const byRows = inner === 1;
  const each = Math.max(1, Math.floor(TASK / count));
  return {
    calls: [{
      entry: `${name}_${byRows ? "rows" : "columns"}`,
      operands: [0, 1],
      words: [outer, count, each, inner],
      tasks: byRows ? Math.ceil(outer / each) : outer * Math.ceil(inner / BLOCK),
    }],
  };
}
