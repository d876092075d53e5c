import type { HostOperand } from "../kernel.ts";
import { offsetsOf } from "../offsets.ts";
import { reducePlan } from "./plan.ts";

/** y[o] = sum over r of x[o, r], divided by `divisor`. Sums are f64, outputs innermost. */
export function sumReference(
  x: HostOperand,
  y: HostOperand,
  options: { readonly axes: readonly number[]; readonly divisor: number },
): void {
  const plan = reducePlan(x.shape, options.axes);
  const starts = offsetsOf(plan.kept, plan.keptStrides);
  const steps = offsetsOf(plan.reduced, plan.reducedStrides);
  const { data } = x;
  if (plan.rows) {
    for (let o = 0; o < starts.length; o++) {
      const start = starts[o]!;
      let sum = 0;
      for (let r = 0; r < steps.length; r++) sum += data[start + steps[r]!]!;
      y.data[o] = sum / options.divisor;
    }
    return;
  }
  const sums = new Float64Array(starts.length);
  for (let r = 0; r < steps.length; r++) {
    const step = steps[r]!;
    for (let o = 0; o < starts.length; o++) sums[o] = sums[o]! + data[starts[o]! + step]!;
  }
  for (let o = 0; o < starts.length; o++) y.data[o] = sums[o]! / options.divisor;
}

/** The first r where sign x[o, r] is largest: its value or, for an `argument`, r itself. */
export function extremeReference(
  x: HostOperand,
  y: HostOperand,
  options: { readonly axes: readonly number[]; readonly sign: number; readonly argument: boolean },
): void {
  const plan = reducePlan(x.shape, options.axes);
  const starts = offsetsOf(plan.kept, plan.keptStrides);
  const steps = offsetsOf(plan.reduced, plan.reducedStrides);
  const { sign, argument } = options;
  const { data } = x;
  for (let o = 0; o < starts.length; o++) {
    const start = starts[o]!;
    let at = 0;
    let best = sign * data[start + steps[0]!]!;
    for (let r = 1; r < steps.length; r++) {
      const value = sign * data[start + steps[r]!]!;
      if (value > best) [at, best] = [r, value];
    }
    y.data[o] = argument ? at : data[start + steps[at]!]!;
  }
}
