import * as kernels from "../../kernels/mod.ts";
import type { AvgPoolGradParams, AvgPoolParams } from "../../kernels/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";

/** Mean per window: linear, and each of the two rules is the way back of the other one. */
export const avgPool2d: Rule<readonly [x: Tensor], AvgPoolParams> = {
  name: "avgPool2d",
  forward: (run, inputs, params) => ({ output: run(kernels.avgPool2d, inputs, params)[0]! }),
  vjp({ shapes: [shape], grad, attributes, apply }) {
    const size = [shape[1]!, shape[2]!] as const;
    return [apply(avgPool2dGrad, [grad], { ...attributes, size })];
  },
};

/** The gradient of the images. */
export const avgPool2dGrad: Rule<readonly [g: Tensor], AvgPoolGradParams> = {
  name: "avgPool2dGrad",
  forward: (run, inputs, params) => ({ output: run(kernels.avgPool2dGrad, inputs, params)[0]! }),
  vjp: ({ grad, attributes: { size: _, ...params }, apply }) => [apply(avgPool2d, [grad], params)],
};
