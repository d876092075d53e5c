/**
 * Margin of logits z [N, C] to the class t [N]: m = log(sum over j != t of e^z_j) - z_t,
 * dz = g (q - e_t) with q the softmax over the classes j != t.
 *
 * @module
 */
import * as kernels from "../../kernels/mod.ts";
import { formatShape } from "../../shape.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";

/** A number per example as a column beside logits. */
function column(rows: Tensor): Tensor {
  return rows.reshape([rows.size, 1]);
}

/** Refuses labels that are known to be out of range; of the rest the kernels make NaN. */
export function checkLabels(act: string, { shape }: Tensor, labels: Tensor): void {
  const { bounds } = labels.buffer;
  // Logits of a wrong shape are for the kernel to refuse.
  if (bounds === undefined || shape.length !== 2) return;
  const [low, high] = bounds, classes = shape[1]!;
  if (low >= 0 && high < classes) return;
  throw new RangeError(
    `Cannot ${act} of labels from ${low} to ${high}: logits of shape ${formatShape(shape)} have ` +
      `${classes} classes, labels must be from 0 to ${classes - 1}`,
  );
}

/** m; labels have no gradient. */
export const margin: Rule<readonly [z: Tensor, labels: Tensor]> = {
  name: "margin",
  forward(run, [z, labels]) {
    checkLabels("take the margin", z, labels);
    return { output: run(kernels.margin, [z, labels], undefined)[0]! };
  },
  saves: () => ({ inputs: [true, true] }),
  vjp({ inputs: [z, labels], grad, apply }) {
    return [apply(marginGrad, [z, labels, grad], undefined), null];
  },
};

/**
 * y = g (q - e_t). With u the gradient of y and S the sum over classes: dg = S(u (q - e_t)),
 * dz = g q (u - S(u q)).
 */
export const marginGrad: Rule<readonly [z: Tensor, labels: Tensor, g: Tensor]> = {
  name: "marginGrad",
  forward: (run, inputs) => ({ output: run(kernels.marginGrad, inputs, undefined)[0]! }),
  saves: () => ({ inputs: [true, true, true] }),
  vjp({ inputs: [z, labels, g], grad, needs, apply }) {
    const slopes = apply(marginGrad, [z, labels, g.detach().clamp(1, 1)], undefined);
    const gradientZ = () => {
      const q = slopes.relu();
      const inner = grad.sub(grad.mul(q).sum(1, { keepAxes: true }));
      return q.mul(inner).mul(column(g));
    };
    return [needs[0] ? gradientZ() : null, null, needs[2] ? slopes.mul(grad).sum(1) : null];
  },
};
