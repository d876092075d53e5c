/**
 * Losses that are functions of two tensors. Those of logits and class numbers are methods:
 * `logits.crossEntropy(labels)`, `logits.margin(labels)`.
 *
 * @module
 */
import { ShapeError } from "../errors.ts";
import { tidy } from "../scope.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor/mod.ts";

/** How the losses of the elements become one. */
export interface LossOptions {
  /** Default "mean". */
  readonly reduction?: "mean" | "sum" | "none";
}

/**
 * Squared error: the mean of (x - t)² over all elements.
 *
 * @example
 * ```ts
 * import { mseLoss, tensor } from "tapegrad";
 * mseLoss(tensor([1, 2]), tensor([1, 4])); // 2
 * ```
 * @throws ShapeError when the shapes differ: broadcasting here is nearly always a mistake.
 */
export function mseLoss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  const { reduction = "mean" } = options;
  if (!sameShape(x.shape, target.shape)) {
    throw new ShapeError(
      `Cannot take the squared error of shapes ${formatShape(x.shape)} and ` +
        `${formatShape(target.shape)}: both must be the same`,
    );
  }
  return tidy(() => {
    const losses = x.sub(target).square();
    if (reduction === "none") return losses;
    return reduction === "sum" ? losses.sum() : losses.mean();
  });
}
