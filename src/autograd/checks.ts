/**
 * What must hold before and during a walk back, and the words for when it does not.
 *
 * @module
 */
import { GradientError, ShapeError } from "../errors.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor/mod.ts";
import type { Node } from "./tape.ts";

/** The node of a tensor that backward starts from. */
export function rootOf(tensor: Tensor): Node {
  if (tensor.node !== null) return tensor.node;
  throw new GradientError(
    `Cannot walk back from a tensor of shape ${formatShape(tensor.shape)}: it does not depend on ` +
      "any tensor that requires a gradient, or only through piecewise constant operations; " +
      "set requiresGrad before computing it, outside of noGrad()",
  );
}

/** Throws unless the gradient that a walk starts with fits the result that it starts from. */
export function checkSeed(root: Node, seed: Tensor): void {
  if (sameShape(seed.shape, root.shape)) return;
  throw new ShapeError(
    `Cannot start backward from a result of shape ${formatShape(root.shape)} with a gradient ` +
      `of shape ${formatShape(seed.shape)}: both must have the same shape`,
  );
}

/** Throws when a rule gave an input a gradient of another shape than the input's. */
export function checkGradients(node: Node, gradients: readonly (Tensor | null)[]): void {
  gradients.forEach((gradient, i) => {
    if (gradient === null || sameShape(gradient.shape, node.shapes[i]!)) return;
    throw new GradientError(
      `Cannot pass a gradient of shape ${formatShape(gradient.shape)} to input ${i} of ` +
        `${node.rule?.name}: the input has shape ${formatShape(node.shapes[i]!)}, ` +
        "end the vjp with sumTo(shape) where the rule broadcasts",
    );
  });
}
