import { floatBits } from "../cpu_words.ts";
import type { CpuProgram, Spec } from "../kernel.ts";

/** Elements of a task: some ten microseconds. */
const TASK = 8192;

/** What is made of the margin m. */
export interface MarginOptions {
  /** Whether softplus(m) and sigmoid(m) take the place of m and 1. */
  readonly entropy: boolean;
  /** For values: factor of the mean of z_t - z_j. For gradients: added to each class. */
  readonly others?: number;
  /** For gradients: what 1 or sigmoid(m) is subtracted from at the label. */
  readonly own?: number;
}

/** A value or a row of gradients per example. */
export function marginCpu(
  entry: "margin_values" | "margin_gradients",
  inputs: readonly Spec[],
  { entropy, others = 0, own = 0 }: MarginOptions,
): CpuProgram {
  const [rows, classes] = inputs[0]!.shape as [number, number];
  const each = Math.max(1, Math.floor(TASK / classes));
  return {
    calls: [{
      entry,
      operands: Array.from({ length: inputs.length + 1 }, (_, k) => k),
      words: [rows, classes, each, Number(entropy), floatBits(others), floatBits(own)],
      tasks: Math.ceil(rows / each),
    }],
  };
}
