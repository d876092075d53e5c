/**
 * Reductions over axes. The gradient of an output goes to the elements it was made of: to all of
 * them (sum, mean), or to the extreme ones, in equal shares where several are equal (max, min).
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import type { Kernel, ReduceParams } from "../../kernels/mod.ts";
import { reduceShape, type Shape, sizeOf } from "../../shape.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";
import { withBounds } from "./bounds.ts";

/** A rule of one tensor and the axes to reduce. */
export type ReduceRule = Rule<readonly [x: Tensor], ReduceParams>;

/** `y` with the reduced axes back, at size 1. */
function kept(y: Tensor, shape: Shape, { axes }: ReduceParams): Tensor {
  return y.reshape(reduceShape(shape, axes, true));
}

/** Sum over axes: dx = g, everywhere. */
export const sum: ReduceRule = {
  name: "sum",
  forward: (run, inputs, params) => ({ output: run(kernels.sum, inputs, params)[0]! }),
  vjp: ({ grad, shapes: [shape], attributes }) => [kept(grad, shape, attributes).expand(shape)],
};

/** Mean over axes of n elements: dx = g / n, everywhere. */
export const mean: ReduceRule = {
  name: "mean",
  forward: (run, inputs, params) => ({ output: run(kernels.mean, inputs, params)[0]! }),
  vjp({ grad, shapes: [shape], attributes }) {
    const n = sizeOf(attributes.axes.map((axis) => shape[axis]!));
    return [kept(grad.div(n), shape, attributes).expand(shape)];
  },
};

/** Extreme over axes: dx = g / ties where x = y, else 0. */
function extreme(name: "max" | "min"): ReduceRule {
  return {
    name,
    forward(run, inputs, params) {
      return { output: withBounds(run(kernels[name], inputs, params)[0]!, inputs) };
    },
    saves: () => ({ inputs: [true], output: true }),
    vjp({ inputs: [x], output, grad, shapes: [shape], attributes }) {
      const extremes = x.eq(kept(output, shape, attributes));
      const ties = extremes.sum(attributes.axes, { keepAxes: true });
      return [extremes.mul(kept(grad, shape, attributes).div(ties))];
    },
  };
}

/** Largest element over axes. */
export const max: ReduceRule = extreme("max");

/** Smallest element over axes. */
export const min: ReduceRule = extreme("min");

/** Index of an extreme; its bounds are known without looking. Piecewise constant. */
function argument(name: "argmax" | "argmin", kernel: Kernel<ReduceParams>): ReduceRule {
  return {
    name,
    forward(run, inputs, params) {
      const output = run(kernel, inputs, params)[0]!;
      const count = sizeOf(params.axes.map((axis) => inputs[0].shape[axis]!));
      if (output.size > 0) output.buffer.bounds = [0, count - 1];
      return { output };
    },
  };
}

/** Index of the first largest element. */
export const argmax: ReduceRule = argument("argmax", kernels.argmax);

/** Index of the first smallest element. */
export const argmin: ReduceRule = argument("argmin", kernels.argmin);
