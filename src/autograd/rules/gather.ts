import {
  gather as gatherKernel,
  type GatherParams,
  scatterAdd as scatterAddKernel,
  type ScatterAddParams,
} from "../../kernels/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";
import { checkIndices, withBounds } from "./bounds.ts";

/** Elements along one axis by index; the gradient is added where they came from. */
export const gather: Rule<readonly [x: Tensor, index: Tensor], GatherParams> = {
  name: "gather",
  forward(run, inputs, params) {
    const [x, index] = inputs;
    checkIndices(`gather along axis ${params.axis}`, index, x.shape[params.axis]!);
    return { output: withBounds(run(gatherKernel, inputs, params)[0]!, [x]) };
  },
  saves: () => ({ inputs: [false, true] }),
  vjp({ inputs: [, index], shapes: [shape], grad, attributes: { axis }, apply }) {
    return [apply(scatterAdd, [grad, index], { axis, shape }), null];
  },
};

/** Zeros to which a tensor is added by index; linear, and its gradient is gathered. */
export const scatterAdd: Rule<readonly [g: Tensor, index: Tensor], ScatterAddParams> = {
  name: "scatterAdd",
  forward: (run, inputs, params) => ({ output: run(scatterAddKernel, inputs, params)[0]! }),
  saves: () => ({ inputs: [false, true] }),
  vjp: ({ inputs: [, index], grad, attributes: { axis } }) => [grad.gather(axis, index), null],
};
