/**
 * Which kernels a rule ran, noted for reports.
 *
 * @module
 */
import type { Kernel, Spec } from "../kernels/mod.ts";
import { sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor/mod.ts";
import type { Run } from "./rule.ts";

/** One kernel that ran. */
export interface KernelCall {
  readonly kernel: Kernel<unknown>;
  readonly inputs: readonly Spec[];
  readonly outputs: readonly Spec[];
  readonly params: unknown;
}

function specOf({ shape, dtype }: Tensor): Spec {
  return { shape, dtype };
}

/** Floating-point operations of one call. */
export function flopsOf({ kernel, inputs, outputs, params }: KernelCall): number {
  return kernel.flops?.(inputs, outputs, params) ??
    outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** `run` that also notes what it ran. */
export function noting(run: Run, calls: KernelCall[]): Run {
  return function runAndNote<P>(
    kernel: Kernel<P>,
    inputs: readonly Tensor[],
    params: P,
    updates: readonly Tensor[] = [],
  ) {
    const results = run(kernel, inputs, params, updates);
    const outputs = [...updates, ...results].map(specOf);
    const call = { kernel, inputs: inputs.map(specOf), outputs, params };
    calls.push(call as KernelCall);
    return results;
  };
}
