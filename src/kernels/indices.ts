/**
 * What reading and adding by index share. An index beyond its axis is held to the nearest element
 * on every backend, so that no shader reads outside of its buffer; rules refuse it where they can.
 *
 * @module
 */
import { isFloat } from "../dtype.ts";
import { DTypeError } from "../errors.ts";
import { formatShape } from "../shape.ts";
import type { Spec } from "./kernel.ts";
import { u32 } from "./wgsl.ts";

/** Refuses an index that is not of an integer type, and any index into an axis of size 0. */
export function checkIndex(act: string, index: Spec, axisSize: number): void {
  const said = `Cannot ${act} by an index of type ${index.dtype} and shape ${
    formatShape(index.shape)
  }`;
  if (isFloat(index.dtype)) {
    throw new DTypeError(`${said}: the type must be i32 or u32, use cast()`);
  }
  if (axisSize === 0 && !index.shape.includes(0)) {
    throw new RangeError(`${said}: the axis has size 0, so the index must be empty`);
  }
}

/** The element that an index names, of `size` elements. */
export function clampIndex(index: number, size: number): number {
  return Math.min(Math.max(index, 0), size - 1);
}

/** `clampIndex` of a value of the index's type, as a WGSL expression of type u32. */
export function clampedIndex({ dtype }: Spec, value: string, size: number): string {
  const last = u32(size - 1);
  return dtype === "u32" ? `min(${value}, ${last})` : `min(u32(max(${value}, 0)), ${last})`;
}
