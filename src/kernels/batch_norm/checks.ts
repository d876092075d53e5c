import { isFloat } from "../../dtype.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { formatShape, sameShape, sizeOf } from "../../shape.ts";
import type { Spec } from "../kernel.ts";

function checkValues({ shape, dtype }: Spec): number {
  const said = `Cannot normalize a batch of shape ${formatShape(shape)}`;
  if (shape.length < 2) {
    throw new ShapeError(`${said}: it must have at least two axes, the last one of channels`);
  }
  if (!isFloat(dtype)) throw new DTypeError(`${said}: type ${dtype} must be f32 or f64`);
  return shape.at(-1)!;
}

/** Refuses a batch without a variance; gives the number of channels. */
export function checkBatch(x: Spec): number {
  const channels = checkValues(x);
  const values = sizeOf(x.shape.slice(0, -1));
  if (values >= 2) return channels;
  throw new RangeError(
    `Cannot normalize a batch of shape ${formatShape(x.shape)} by its own statistics: it has ` +
      `${values === 1 ? "1 value" : `${values} values`} per channel, training needs at least 2, ` +
      "use a larger batch or eval()",
  );
}

/** Refuses operands that do not have one number per channel; gives the number of channels. */
export function checkChannels(x: Spec, operands: readonly Spec[]): number {
  const channels = checkValues(x);
  for (const { shape, dtype } of operands) {
    const said = `Cannot normalize a batch of shape ${
      formatShape(x.shape)
    } with an operand of shape ${formatShape(shape)}`;
    if (!sameShape(shape, [channels])) {
      throw new ShapeError(`${said}: it must have one number per channel, shape [${channels}]`);
    }
    if (dtype !== x.dtype) {
      throw new DTypeError(`${said}: types ${x.dtype} and ${dtype} must be the same`);
    }
  }
  return channels;
}

/** Refuses an epsilon that does not help. */
export function checkEpsilon(x: Spec, epsilon: number): void {
  if (epsilon > 0 && epsilon < Infinity) return;
  throw new RangeError(
    `Cannot normalize a batch of shape ${formatShape(x.shape)}: epsilon is ${epsilon}, ` +
      "it must be a number above 0",
  );
}

/** Refuses a gradient that is not that of x. */
export function checkGradient(g: Spec, x: Spec): void {
  if (sameShape(g.shape, x.shape) && g.dtype === x.dtype) return;
  throw new ShapeError(
    `Cannot take the gradient of a normalized batch ${x.dtype} ${formatShape(x.shape)} from one ` +
      `${g.dtype} ${formatShape(g.shape)}: shape and type must be the same`,
  );
}
