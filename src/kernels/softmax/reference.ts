import type { HostOperand } from "../kernel.ts";
import { offsetsOf } from "../offsets.ts";
import { reducePlan } from "../reduce/plan.ts";

/** A row along the axis. */
interface Row {
  /** Where its elements lie: start + steps[r]. */
  readonly start: number;
  readonly steps: Uint32Array;
  readonly largest: number;
  /** Sum of e^(x - largest). */
  readonly total: number;
}

/** Calls `visit` for every row along `axis`. */
function eachRow(
  { shape, data }: HostOperand,
  axis: number,
  visit: (row: Row, index: number) => void,
): void {
  const plan = reducePlan(shape, [axis]);
  const starts = offsetsOf(plan.kept, plan.keptStrides);
  const steps = offsetsOf(plan.reduced, plan.reducedStrides);
  for (let index = 0; index < starts.length; index++) {
    const start = starts[index]!;
    let largest = -Infinity;
    for (let r = 0; r < steps.length; r++) largest = Math.max(largest, data[start + steps[r]!]!);
    let total = 0;
    for (let r = 0; r < steps.length; r++) total += Math.exp(data[start + steps[r]!]! - largest);
    visit({ start, steps, largest, total }, index);
  }
}

/** y = e^x / sum e^x, or its logarithm. */
export function softmaxReference(
  name: "softmax" | "logSoftmax",
  [x, y]: readonly [HostOperand, HostOperand],
  axis: number,
): void {
  eachRow(x, axis, ({ start, steps, largest, total }) => {
    const logTotal = Math.log(total);
    for (let r = 0; r < steps.length; r++) {
      const at = start + steps[r]!;
      const shifted = x.data[at]! - largest;
      y.data[at] = name === "softmax" ? Math.exp(shifted) / total : shifted - logTotal;
    }
  });
}

/** y = log sum e^x. */
export function logSumExpReference(x: HostOperand, y: HostOperand, axis: number): void {
  eachRow(x, axis, ({ largest, total }, index) => {
    y.data[index] = largest + Math.log(total);
  });
}
