/**
 * Index arithmetic of the reference twins, done once per call instead of once per element.
 *
 * @module
 */
import { type Shape, sizeOf } from "../shape.ts";

/** For every index of `shape`, in row-major order, where it lies under these strides. */
export function offsetsOf(shape: Shape, strides: readonly number[]): Uint32Array {
  if (sizeOf(shape) === 0) return new Uint32Array(0);
  let offsets = new Uint32Array(1);
  shape.forEach((size, axis) => {
    const next = new Uint32Array(offsets.length * size);
    for (let i = 0, at = 0; i < offsets.length; i++) {
      let offset = offsets[i]!;
      for (let k = 0; k < size; k++, at++, offset += strides[axis]!) next[at] = offset;
    }
    offsets = next;
  });
  return offsets;
}
