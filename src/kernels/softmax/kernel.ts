/**
 * Softmax and its relatives along one axis: softmax = e^x / sum e^x, logSoftmax = x - logSumExp,
 * logSumExp = log sum e^x. The largest x is subtracted first, so exp never overflows and the sum
 * is at least 1.
 *
 * @module
 */
import { isFloat } from "../../dtype.ts";
import { DTypeError } from "../../errors.ts";
import { formatShape, reduceShape, sizeOf } from "../../shape.ts";
import type { Kernel, Spec } from "../kernel.ts";
import type { ReduceParams } from "../reduce/kernel.ts";
import { softmaxCpu } from "./cpu.ts";
import { logSumExpReference, softmaxReference } from "./reference.ts";
import { softmaxProgram, softmaxWays } from "./webgpu.ts";

/** Along which axis, from 0. */
export interface SoftmaxParams {
  readonly axis: number;
}

function checkFloat(act: string, { dtype }: Spec): void {
  if (isFloat(dtype)) return;
  throw new DTypeError(
    `Cannot take the ${act} of a tensor of type ${dtype}: the type must be f32 or f64, use cast()`,
  );
}

function softmaxKernel(name: "softmax" | "logSoftmax"): Kernel<SoftmaxParams> {
  return {
    name,
    outputs([x]) {
      checkFloat(name, x!);
      return [{ shape: x!.shape, dtype: x!.dtype }];
    },
    reference: ([x], [y], { axis }) => softmaxReference(name, [x!, y!], axis),
    webgpu: ([x], _outputs, { axis }) => softmaxProgram(name, x!, { axis }),
    candidates: ([x], _outputs, { axis }) => softmaxWays(name, x!, axis),
    cpu: ([x], _outputs, { axis }) => {
      return softmaxCpu(name === "softmax" ? "softmax" : "log_softmax", x!, axis);
    },
    flops: ([x]) => 5 * sizeOf(x!.shape),
  };
}

/** y = e^x / sum e^x. */
export const softmax: Kernel<SoftmaxParams> = softmaxKernel("softmax");

/** y = x - log sum e^x. */
export const logSoftmax: Kernel<SoftmaxParams> = softmaxKernel("logSoftmax");

/** y = log sum e^x over one axis. */
export const logSumExp: Kernel<ReduceParams> = {
  name: "logSumExp",
  outputs([x], { axes, keepAxes }) {
    checkFloat("logSumExp", x!);
    const shape = reduceShape(x!.shape, axes, keepAxes);
    if (x!.shape[axes[0]!] !== 0 || sizeOf(shape) === 0) return [{ shape, dtype: x!.dtype }];
    throw new RangeError(
      `Cannot take the logSumExp of a tensor of shape ${formatShape(x!.shape)} over axis ${
        axes[0]
      }: it holds no elements, there must be at least one`,
    );
  },
  reference: ([x], [y], { axes }) => logSumExpReference(x!, y!, axes[0]!),
  webgpu: ([x], _outputs, { axes }) => softmaxProgram("logSumExp", x!, { axis: axes[0]! }),
  candidates: ([x], _outputs, { axes }) => softmaxWays("logSumExp", x!, axes[0]!),
  cpu: ([x], _outputs, { axes }) => softmaxCpu("log_sum_exp", x!, axes[0]!),
  flops: ([x]) => 4 * sizeOf(x!.shape),
};
