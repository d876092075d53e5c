import { sizeOf } from "../../shape.ts";
import { floatBits } from "../cpu_words.ts";
import type { CpuProgram, Spec } from "../kernel.ts";
import { type EuclideanStepParams, SHRINK } from "./params.ts";

/** Elements of a task: some ten microseconds. */
const TASK = 8192;

/** A task takes whole examples. */
export function euclideanStepCpu(
  x: Spec,
  { stepSize, eps, box: [low, high] }: EuclideanStepParams,
): CpuProgram | undefined {
  if (x.dtype !== "f32") return undefined;
  if (sizeOf(x.shape) === 0) return { calls: [] };
  const [rows] = x.shape as [number], size = sizeOf(x.shape) / rows;
  const each = Math.max(1, Math.floor(TASK / size));
  const numbers = [stepSize, eps, eps * SHRINK, low, high].map(floatBits);
  return {
    calls: [{
      entry: "euclidean_step",
      operands: [0, 1, 2, 3],
      words: [rows, size, each, ...numbers],
      tasks: Math.ceil(rows / each),
    }],
  };
}
