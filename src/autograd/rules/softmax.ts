/**
 * Softmax and its relatives along one axis. With s = softmax(x), S the sum along the axis and g the
 * gradient of the result: softmax dx = s (g - S(g s)); logSoftmax dx = g - s S(g); logSumExp
 * dx = g s.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import type { ReduceParams, SoftmaxParams } from "../../kernels/mod.ts";
import { reduceShape } from "../../shape.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";

/** y = e^x / sum e^x. */
export const softmax: Rule<readonly [x: Tensor], SoftmaxParams> = {
  name: "softmax",
  forward: (run, inputs, params) => ({ output: run(kernels.softmax, inputs, params)[0]! }),
  saves: () => ({ output: true }),
  vjp({ output, grad, attributes: { axis } }) {
    return [output.mul(grad.sub(grad.mul(output).sum(axis, { keepAxes: true })))];
  },
};

/** y = x - log sum e^x. */
export const logSoftmax: Rule<readonly [x: Tensor], SoftmaxParams> = {
  name: "logSoftmax",
  forward: (run, inputs, params) => ({ output: run(kernels.logSoftmax, inputs, params)[0]! }),
  saves: () => ({ output: true }),
  vjp({ output, grad, attributes: { axis } }) {
    return [grad.sub(output.exp().mul(grad.sum(axis, { keepAxes: true })))];
  },
};

/** y = log sum e^x. */
export const logSumExp: Rule<readonly [x: Tensor], ReduceParams> = {
  name: "logSumExp",
  forward: (run, inputs, params) => ({ output: run(kernels.logSumExp, inputs, params)[0]! }),
  saves: () => ({ inputs: [true] }),
  vjp({ inputs: [x], grad, attributes: { axes } }) {
    return [x.softmax(axes[0]!).mul(grad.reshape(reduceShape(x.shape, axes, true)))];
  },
};
