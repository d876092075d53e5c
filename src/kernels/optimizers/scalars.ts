/**
 * The scalars of an optimiser's step: rates and corrections that change while it runs, so they come
 * in as one small operand and no shader depends on them.
 *
 * @module
 */
import { isFloat } from "../../dtype.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { formatShape } from "../../shape.ts";
import type { Spec } from "../kernel.ts";

/** Checks a gradient and the scalars beside it: a float type, the same for both, `count` scalars. */
export function checkScalars(act: string, grad: Spec, scalars: Spec, count: number): void {
  if (!isFloat(grad.dtype) || scalars.dtype !== grad.dtype) {
    throw new DTypeError(
      `Cannot ${act} with a gradient of type ${grad.dtype} and scalars of type ${scalars.dtype}: ` +
        "both must be f32 or both f64",
    );
  }
  if (scalars.shape.length === 1 && scalars.shape[0] === count) return;
  throw new ShapeError(
    `Cannot ${act} with scalars of shape ${formatShape(scalars.shape)}: ` +
      `the shape must be [${count}]`,
  );
}
