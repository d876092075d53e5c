/**
 * Convolution of images: y = x * w + b. It is linear in x and in w, and so are its two gradients in
 * their operands. The three rules therefore differentiate into each other, to any order.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import type {
  Conv2dInputGradParams,
  Conv2dParams,
  Conv2dWeightGradParams,
  Pair,
} from "../../kernels/mod.ts";
import type { Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule, Saves } from "../rule.ts";

/** Each operand is read for the gradient of the other one. */
function other([a, b]: readonly boolean[]): Saves {
  return { inputs: [b!, a!] };
}

/** Height and width of images; of weights, counted from axis 0. */
function sizeAt(shape: Shape, axis: 0 | 1): Pair {
  return [shape[axis]!, shape[axis + 1]!];
}

/**
 * y = x * w, or x * w + b: dx and dw are the next two rules, and db is the sum of the gradient, which
 * one kernel adds up while it reads that for dw.
 */
export const conv2d: Rule<
  readonly [x: Tensor, w: Tensor, ...b: readonly Tensor[]],
  Conv2dParams
> = {
  name: "conv2d",
  forward(run, [x, w, b], params) {
    const [product] = run(kernels.conv2d, [x, w], params) as [Tensor];
    if (b === undefined) return { output: product };
    const [output] = run(kernels.elementwise.add, [product, b], undefined) as [Tensor];
    product.dispose();
    return { output };
  },
  saves: ([x, w, ...b]) => ({ inputs: [w!, x!, ...b.map(() => false)] }),
  vjp({ inputs: [x, w], shapes, grad, attributes, needs, recording, apply, run }) {
    const size = sizeAt(shapes[0], 1), kernelSize = sizeAt(shapes[1], 0);
    const dx = needs[0] ? apply(conv2dInputGrad, [grad, w], { ...attributes, size }) : null;
    const weights = { ...attributes, kernelSize };
    if (needs[1] && needs[2] && !recording) {
      const [dw, db] = run(kernels.conv2dWeightGrad, [x, grad], { ...weights, bias: true });
      return [dx, dw!, db!];
    }
    return [
      dx,
      needs[1] ? apply(conv2dWeightGrad, [x, grad], weights) : null,
      needs[2] ? grad.sum([0, 1, 2]) : null,
    ];
  },
};

/** The gradient of the images, from the gradient g of the result and the weights. */
export const conv2dInputGrad: Rule<readonly [g: Tensor, w: Tensor], Conv2dInputGradParams> = {
  name: "conv2dInputGrad",
  forward: (run, inputs, params) => ({ output: run(kernels.conv2dInputGrad, inputs, params)[0]! }),
  saves: other,
  vjp({ inputs: [g, w], shapes, grad, attributes: { size: _, ...params }, needs, apply }) {
    const kernelSize = sizeAt(shapes[1], 0);
    return [
      needs[0] ? apply(conv2d, [grad, w], params) : null,
      needs[1] ? apply(conv2dWeightGrad, [grad, g], { ...params, kernelSize }) : null,
    ];
  },
};

/** The gradient of the weights, from the images and the gradient g of the result. */
export const conv2dWeightGrad: Rule<readonly [x: Tensor, g: Tensor], Conv2dWeightGradParams> = {
  name: "conv2dWeightGrad",
  forward: (run, inputs, params) => ({ output: run(kernels.conv2dWeightGrad, inputs, params)[0]! }),
  saves: other,
  vjp({ inputs: [x, g], shapes, grad, attributes: { kernelSize: _, ...params }, needs, apply }) {
    const size = sizeAt(shapes[0], 1);
    return [
      needs[0] ? apply(conv2dInputGrad, [g, grad], { ...params, size }) : null,
      needs[1] ? apply(conv2d, [x, grad], params) : null,
    ];
  },
};
