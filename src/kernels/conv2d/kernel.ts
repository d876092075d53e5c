/**
 * Convolution of images, and its two gradients. With p the padding, s the stride and d the dilation
 *
 *   y[n, oh, ow, co] = sum over kh, kw, ci of
 *                      x[n, oh s - p + kh d, ow s - p + kw d, ci] w[kh, kw, ci, co]
 *
 * where x counts as 0 outside of the image, and ci runs over the input channels of co's group. Each
 * of the three kernels is linear in both operands, and the gradients of each are the other two.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import { cpuSequence } from "../cpu_sequence.ts";
import type { Kernel, Spec } from "../kernel.ts";
import { valueCpu } from "../reduce/cpu.ts";
import { conv2dCpu, inputGradCpu } from "./cpu.ts";
import { weightGradCpu } from "./cpu_weight_grad.ts";
import { conv2dReference, inputGradReference, weightGradReference } from "./reference.ts";
import {
  type Conv2dInputGradParams,
  type Conv2dParams,
  type Conv2dSizes,
  conv2dSizes,
  type Conv2dWeightGradParams,
  inputGradSizes,
  weightGradSizes,
} from "./sizes.ts";
import { conv2dCandidates, inputGradCandidates, weightGradCandidates } from "./webgpu.ts";

/** A multiply and an add per weight and window; taps in the padding count too. */
function flops({ N, OH, OW, Cout, KH, KW, I }: Conv2dSizes): number {
  return 2 * N * OH * OW * Cout * KH * KW * I;
}

/** y, from images [N, H, W, Cin] and weights [KH, KW, Cin / groups, Cout]. */
export const conv2d: Kernel<Conv2dParams> = {
  name: "conv2d",
  outputs([x, w], params) {
    const { N, OH, OW, Cout } = conv2dSizes(x!, w!, params);
    return [{ shape: [N, OH, OW, Cout], dtype: x!.dtype }];
  },
  reference: (inputs, [y], params) => conv2dReference(inputs, y!, params),
  endsIn: "sum",
  candidates: (inputs, _outputs, params) => conv2dCandidates(inputs, params),
  webgpu(inputs, _outputs, params, epilogue) {
    return conv2dCandidates(inputs, params)[0]!.program(epilogue);
  },
  cpu: (inputs, _outputs, params) => conv2dCpu(inputs, params),
  flops: ([x, w], _outputs, params) => flops(conv2dSizes(x!, w!, params)),
};

/** The gradient of the images. Operands: the gradient of the result, and the weights. */
export const conv2dInputGrad: Kernel<Conv2dInputGradParams> = {
  name: "conv2dInputGrad",
  outputs([g, w], params) {
    const { N, H, W, Cin } = inputGradSizes(g!, w!, params);
    return [{ shape: [N, H, W, Cin], dtype: g!.dtype }];
  },
  reference: (inputs, [dx], params) => inputGradReference(inputs, dx!, params),
  endsIn: "sum",
  candidates: (inputs, _outputs, params) => inputGradCandidates(inputs, params),
  webgpu(inputs, _outputs, params, epilogue) {
    return inputGradCandidates(inputs, params)[0]!.program(epilogue);
  },
  cpu: (inputs, _outputs, params) => inputGradCpu(inputs, params),
  flops: ([g, w], _outputs, params) => flops(inputGradSizes(g!, w!, params)),
};

/**
 * The gradient of the weights, and that of a bias where it is asked for. Operands: the images, and
 * the gradient of the result.
 */
export const conv2dWeightGrad: Kernel<Conv2dWeightGradParams> = {
  name: "conv2dWeightGrad",
  outputs([x, g]: readonly Spec[], params) {
    const { KH, KW, I, Cout } = weightGradSizes(x!, g!, params), { dtype } = x!;
    const dw = { shape: [KH, KW, I, Cout], dtype };
    return params.bias ? [dw, { shape: [Cout], dtype }] : [dw];
  },
  reference(inputs, [dw, db], params) {
    weightGradReference(inputs, dw!, params);
    if (db === undefined) return;
    const sums = new Float64Array(db.data.length);
    inputs[1]!.data.forEach((value, i) => sums[i % sums.length]! += value);
    db.data.set(sums);
  },
  candidates: weightGradCandidates,
  webgpu: (inputs, outputs, params) => {
    return weightGradCandidates(inputs, outputs, params)[0]!.program();
  },
  cpu(inputs, [, db], params) {
    const product = weightGradCpu(inputs, params);
    if (db === undefined) return product;
    const sums = valueCpu("sum", inputs[1]!, { axes: [0, 1, 2] });
    return cpuSequence(4, [[product, [0, 1, 2]], [sums, [1, 3]]]);
  },
  flops([x, g], _outputs, params) {
    return flops(weightGradSizes(x!, g!, params)) + (params.bias ? sizeOf(g!.shape) : 0);
  },
};
