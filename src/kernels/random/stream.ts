/**
 * What kernels that draw random numbers share: which operands say where in the stream to draw, and
 * how the elements are split into examples.
 *
 * @module
 */
import { type DType, isFloat } from "../../dtype.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { formatShape, type Shape, sizeOf } from "../../shape.ts";
import type { Spec } from "../kernel.ts";

/** What is drawn. */
export interface RandomParams {
  /** `uniform` in [0, 1), or `normal` with mean 0 and variance 1. */
  readonly distribution: "uniform" | "normal";
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Checks the operands that say where in the stream to draw: a key, and the examples' numbers. */
export function checkStream(act: string, shape: Shape, key: Spec, ids: Spec | undefined): void {
  if (key.dtype !== "u32" || sizeOf(key.shape) !== 4) {
    throw new DTypeError(
      `Cannot ${act} under a key of type ${key.dtype} and shape ${formatShape(key.shape)}: ` +
        "the key must be four u32",
    );
  }
  if (ids === undefined) return;
  if (isFloat(ids.dtype)) {
    throw new DTypeError(
      `Cannot ${act} for examples named by numbers of type ${ids.dtype}: ` +
        "ids must be of type u32 or i32",
    );
  }
  if (ids.shape.length !== 1 || ids.shape[0] !== shape[0]) {
    throw new ShapeError(
      `Cannot ${act} of shape ${formatShape(shape)} for ids of shape ${formatShape(ids.shape)}: ` +
        "there must be one id for each index of the first axis",
    );
  }
}

/** How many examples there are, and how many elements each has. */
export function exampleSizes(shape: Shape, ids: Spec | undefined): [count: number, each: number] {
  if (ids === undefined) return [1, sizeOf(shape)];
  return [shape[0]!, sizeOf(shape.slice(1))];
}
