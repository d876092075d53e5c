/**
 * The running statistics of batch normalization, in place, one channel after the other:
 *
 *   runningMean     = runningMean     + momentum (mean - runningMean)
 *   runningVariance = runningVariance + momentum (n / (n - 1) variance - runningVariance)
 *
 * where the batch's variance was divided by its n values per channel.
 *
 * @module
 */
import { isFloat } from "../../dtype.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { formatShape, sameShape, sizeOf } from "../../shape.ts";
import { floatBits } from "../cpu_words.ts";
import type { CpuCall, Kernel } from "../kernel.ts";
import { declare, f32, NOTHING, perElement } from "../wgsl.ts";
import { eachElement } from "./cpu.ts";

/** How much of the new enters the old. */
export interface RunningStatisticsParams {
  /** Share of the new, from 0 to 1. */
  readonly momentum: number;
  /** n, values per channel; 2 or more. */
  readonly count: number;
}

/** Operands: the batch's mean and variance. Updates: the running mean and variance. */
export const runningStatistics: Kernel<RunningStatisticsParams> = {
  name: "runningStatistics",
  updates: 2,
  outputs([mean, variance], { count }) {
    const said = `Cannot run statistics of shapes ${formatShape(mean!.shape)} and ${
      formatShape(variance!.shape)
    }`;
    if (!isFloat(mean!.dtype) || mean!.dtype !== variance!.dtype) {
      throw new DTypeError(
        `${said}: types ${mean!.dtype} and ${variance!.dtype} must both be f32 or both f64`,
      );
    }
    if (!sameShape(mean!.shape, variance!.shape)) {
      throw new ShapeError(`${said}: shapes must be the same`);
    }
    if (count < 2) {
      throw new RangeError(`${said}: ${count} value per channel has no variance, give at least 2`);
    }
    return [mean!, variance!];
  },
  reference([mean, variance], [runningMean, runningVariance], { momentum, count }) {
    const correction = count / (count - 1);
    const m = runningMean!.data, v = runningVariance!.data;
    for (let i = 0; i < m.length; i++) {
      m[i] = m[i]! + momentum * (mean!.data[i]! - m[i]!);
      v[i] = v[i]! + momentum * (correction * variance!.data[i]! - v[i]!);
    }
  },
  webgpu([mean, variance], [runningMean, runningVariance], { momentum, count }) {
    const size = sizeOf(mean!.shape);
    if (size === 0) return NOTHING;
    return {
      dispatches: [perElement({
        size,
        declarations: declare([
          ["mean", mean!],
          ["variance", variance!],
          ["running_mean", runningMean!],
          ["running_variance", runningVariance!],
        ], 2),
        operands: [0, 1, 2, 3],
        body: `  let unbiased = ${f32(count / (count - 1))} * variance[i];
  running_mean[i] += ${f32(momentum)} * (mean[i] - running_mean[i]);
  running_variance[i] += ${f32(momentum)} * (unbiased - running_variance[i]);`,
      })],
    };
  },
  cpu([mean], _outputs, { momentum, count }) {
    const average = (operands: readonly number[], correction: number): CpuCall => {
      const words = [floatBits(momentum), floatBits(correction)];
      return eachElement("running_average", mean!, { operands, words });
    };
    return { calls: [average([0, 2], 1), average([1, 3], count / (count - 1))] };
  },
  flops: ([mean]) => 7 * sizeOf(mean!.shape),
};
