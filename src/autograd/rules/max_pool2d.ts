import * as kernels from "../../kernels/mod.ts";
import type { PoolGradParams, PoolParams } from "../../kernels/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";

/** Largest element per window. The gradient goes to the place that won, which counts as constant. */
export const maxPool2d: Rule<readonly [x: Tensor], PoolParams> = {
  name: "maxPool2d",
  forward(run, inputs, params) {
    const [output, places] = run(kernels.maxPool2d, inputs, params) as [Tensor, Tensor];
    const [, H, W] = inputs[0].shape as [number, number, number];
    if (places.size > 0) places.buffer.bounds = [0, H * W - 1];
    return { output, extra: [places] };
  },
  vjp({ extra: [places], shapes: [shape], grad, attributes, apply }) {
    const size = [shape[1]!, shape[2]!] as const;
    return [apply(maxPool2dGrad, [grad, places!], { ...attributes, size })];
  },
};

/** The way back: linear in the gradient, so its own way back takes from the same places. */
export const maxPool2dGrad: Rule<readonly [g: Tensor, places: Tensor], PoolGradParams> = {
  name: "maxPool2dGrad",
  forward: (run, inputs, params) => ({ output: run(kernels.maxPool2dGrad, inputs, params)[0]! }),
  saves: () => ({ inputs: [false, true] }),
  vjp({ inputs: [, places], shapes: [shape], grad, attributes: { size: [H, W] } }) {
    const [N, OH, OW, C] = shape as [number, number, number, number];
    const index = places.reshape([N, OH * OW, C]);
    return [grad.reshape([N, H * W, C]).gather(1, index).reshape(shape), null];
  },
};
