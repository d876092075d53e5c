/**
 * What kernels ask of logits and labels: z [examples, classes] and class numbers t [examples].
 *
 * @module
 */
import { isFloat } from "../../dtype.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { formatShape, sameShape } from "../../shape.ts";
import type { Spec } from "../kernel.ts";

/** Checks shapes and types. `act` reads like "take the margin". */
export function checkLabelled(act: string, z: Spec, labels: Spec): void {
  const shapes = `logits of shape ${formatShape(z.shape)} and labels of shape ${
    formatShape(labels.shape)
  }`;
  if (z.shape.length !== 2) {
    throw new ShapeError(`Cannot ${act} of ${shapes}: logits must be [examples, classes]`);
  }
  if (!sameShape(labels.shape, z.shape.slice(0, 1))) {
    throw new ShapeError(
      `Cannot ${act} of ${shapes}: labels must be class numbers of shape [${z.shape[0]}]`,
    );
  }
  if (z.shape[1]! < 2) {
    throw new ShapeError(`Cannot ${act} of ${shapes}: there must be at least 2 classes`);
  }
  if (!isFloat(z.dtype)) {
    throw new DTypeError(
      `Cannot ${act} of logits of type ${z.dtype}: the type must be f32 or f64, use cast()`,
    );
  }
  if (isFloat(labels.dtype)) {
    throw new DTypeError(
      `Cannot ${act} of labels of type ${labels.dtype}: labels must be i32 or u32, use cast("i32")`,
    );
  }
}

/** Checks the gradient of a result of shape [examples]. */
export function checkRowGradient(act: string, z: Spec, g: Spec): void {
  if (sameShape(g.shape, z.shape.slice(0, 1)) && g.dtype === z.dtype) return;
  throw new ShapeError(
    `Cannot ${act} of logits ${z.dtype} ${formatShape(z.shape)} with gradients ${g.dtype} ${
      formatShape(g.shape)
    }: gradients must be ${z.dtype} of shape [${z.shape[0]}]`,
  );
}
