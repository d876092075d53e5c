/**
 * Batch normalization (Ioffe and Szegedy, 2015) over all axes but the last, the channels:
 *
 *   y = (x - mean) r scale + shift    with r = 1 / sqrt(variance + epsilon)
 *
 * With g the gradient of y, z = (x - mean) r, and sums over the n values of a channel:
 *
 *   dshift = sum of g,   dscale = sum of g z,   dx = scale r (g - dshift / n - z dscale / n)
 *
 * where mean and variance are those of x itself. Where they are constants, dx = scale r g.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import type { Kernel } from "../kernel.ts";
import { checkBatch, checkChannels, checkEpsilon, checkGradient } from "./checks.ts";
import * as cpu from "./cpu.ts";
import * as reference from "./reference.ts";
import * as webgpu from "./webgpu.ts";

/** What keeps a channel of equal values from a division by zero. */
export interface BatchNormParams {
  readonly epsilon: number;
}

/** Where mean and variance come from. */
export interface BatchNormGradParams extends BatchNormParams {
  /** Whether from x itself, so that a gradient passes through them; else they are constants. */
  readonly training: boolean;
}

/** Outputs: mean and variance per channel, divided by the number of values. */
export const batchStatistics: Kernel = {
  name: "batchStatistics",
  outputs([x]) {
    const spec = { shape: [checkBatch(x!)], dtype: x!.dtype };
    return [spec, spec];
  },
  reference: ([x], [mean, variance]) => reference.statistics(x!, [mean!, variance!]),
  webgpu: ([x]) => webgpu.statistics(x!),
  candidates: ([x]) => webgpu.statisticsWays(x!),
  cpu: ([x]) => cpu.statistics(x!),
  flops: ([x]) => 5 * sizeOf(x!.shape),
};

/** y. Operands: x; scale, shift, mean and variance, one number per channel each. */
export const batchNorm: Kernel<BatchNormParams> = {
  name: "batchNorm",
  endsIn: "sum",
  outputs([x, ...channels], { epsilon }) {
    checkChannels(x!, channels);
    checkEpsilon(x!, epsilon);
    return [{ shape: x!.shape, dtype: x!.dtype }];
  },
  reference: (inputs, [y], params) => reference.apply(inputs, y!, params),
  webgpu: (inputs, [y], params, epilogue) => webgpu.apply(inputs, y!, params, epilogue),
  cpu: ([x], _outputs, { epsilon }) => cpu.elements("batch_norm", x!, { operands: 6, epsilon }),
  flops: ([x]) => 4 * sizeOf(x!.shape),
};

/** Outputs: dshift and dscale. Operands: g, x; mean and variance. */
export const batchNormSums: Kernel<BatchNormParams> = {
  name: "batchNormSums",
  outputs([g, x, ...channels]) {
    checkGradient(g!, x!);
    const spec = { shape: [checkChannels(x!, channels)], dtype: x!.dtype };
    return [spec, spec];
  },
  reference: (inputs, [dshift, dscale], params) => {
    reference.sums(inputs, [dshift!, dscale!], params);
  },
  webgpu: ([, x], _outputs, params) => webgpu.sums(x!, params),
  candidates: ([, x], _outputs, params) => webgpu.sumsWays(x!, params),
  cpu: ([, x], _outputs, { epsilon }) => cpu.sums(x!, epsilon),
  flops: ([g]) => 5 * sizeOf(g!.shape),
};

/**
 * dx. Operands: g; scale and variance; in training also x; mean, dshift and dscale.
 */
export const batchNormInputGrad: Kernel<BatchNormGradParams> = {
  name: "batchNormInputGrad",
  endsIn: "product",
  outputs([g, scale, variance, x, ...channels]) {
    if (x !== undefined) checkGradient(g!, x);
    checkChannels(g!, [scale!, variance!, ...channels]);
    return [{ shape: g!.shape, dtype: g!.dtype }];
  },
  reference: (inputs, [dx], params) => reference.inputGrad(inputs, dx!, params),
  webgpu: (inputs, [dx], params, epilogue) => webgpu.inputGrad(inputs, dx!, params, epilogue),
  cpu([g], _outputs, { training, epsilon }) {
    const [entry, operands] = training
      ? ["batch_norm_grad", 8] as const
      : ["batch_norm_scale", 4] as const;
    return cpu.elements(entry, g!, { operands, epsilon });
  },
  flops: ([g], _outputs, { training }) => (training ? 6 : 1) * sizeOf(g!.shape),
};
