/**
 * Cross-entropy of logits z [N, C] with class numbers t [N], per example:
 * dz = g (softmax(z) - target).
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import type { CrossEntropyParams } from "../../kernels/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";
import { checkLabels } from "./margin.ts";

/** Loss per example; labels have no gradient. */
export const crossEntropy: Rule<readonly [z: Tensor, labels: Tensor], CrossEntropyParams> = {
  name: "crossEntropy",
  forward(run, [z, labels], params) {
    checkLabels("take the cross entropy", z, labels);
    return { output: run(kernels.crossEntropy, [z, labels], params)[0]! };
  },
  saves: () => ({ inputs: [true, true] }),
  vjp({ inputs: [z, labels], grad, attributes, apply }) {
    return [apply(crossEntropyGrad, [z, labels, grad], attributes), null];
  },
};

/** Mean of the losses of few examples; each gets its share of the gradient. */
export const crossEntropyMean: Rule<readonly [z: Tensor, labels: Tensor], CrossEntropyParams> = {
  name: "crossEntropyMean",
  forward(run, [z, labels], params) {
    checkLabels("take the cross entropy", z, labels);
    return { output: run(kernels.crossEntropyMean, [z, labels], params)[0]! };
  },
  saves: () => ({ inputs: [true, true] }),
  vjp({ inputs: [z, labels], grad, attributes, apply }) {
    const examples = z.shape[0]!, g = grad.div(examples).expand([examples]);
    return [apply(crossEntropyGrad, [z, labels, g], attributes), null];
  },
};

/**
 * y = g (s - target), s = softmax(z). With u the gradient of y and S the sum over classes:
 * dg = S(u (s - target)), dz = g s (u - S(u s)).
 */
export const crossEntropyGrad: Rule<
  readonly [z: Tensor, labels: Tensor, g: Tensor],
  CrossEntropyParams
> = {
  name: "crossEntropyGrad",
  forward: (run, inputs, params) => ({ output: run(kernels.crossEntropyGrad, inputs, params)[0]! }),
  saves: () => ({ inputs: [true, true, true] }),
  vjp({ inputs: [z, labels, g], grad, attributes, needs, apply }) {
    const gradientZ = () => {
      const s = z.softmax();
      const inner = grad.sub(grad.mul(s).sum(1, { keepAxes: true }));
      return s.mul(inner).mul(g.reshape([g.size, 1]));
    };
    const gradientG = () => {
      const slopes = apply(crossEntropyGrad, [z, labels, g.detach().clamp(1, 1)], attributes);
      return slopes.mul(grad).sum(1);
    };
    return [needs[0] ? gradientZ() : null, null, needs[2] ? gradientG() : null];
  },
};
