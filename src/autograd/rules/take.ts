import {
  take as takeKernel,
  takeGrad as takeGradKernel,
  type TakeGradParams,
  type TakeParams,
} from "../../kernels/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";
import { checkIndices, withBounds } from "./bounds.ts";

/** Elements of one axis by index; the gradient is added where they came from. */
export const take: Rule<readonly [x: Tensor, indices: Tensor], TakeParams> = {
  name: "take",
  forward(run, inputs, params) {
    const [x, indices] = inputs;
    checkIndices(`take along axis ${params.axis}`, indices, x.shape[params.axis]!);
    return { output: withBounds(run(takeKernel, inputs, params)[0]!, [x]) };
  },
  saves: () => ({ inputs: [false, true] }),
  vjp({ inputs: [, indices], shapes: [shape], grad, attributes: { axis }, apply }) {
    return [apply(takeGrad, [grad, indices], { axis, size: shape[axis]! }), null];
  },
};

/** The way back of take: linear, and its own gradient is taken. */
export const takeGrad: Rule<readonly [g: Tensor, indices: Tensor], TakeGradParams> = {
  name: "takeGrad",
  forward: (run, inputs, params) => ({ output: run(takeGradKernel, inputs, params)[0]! }),
  saves: () => ({ inputs: [false, true] }),
  vjp: ({ inputs: [, indices], grad, attributes: { axis } }) => [grad.take(indices, axis), null],
};
