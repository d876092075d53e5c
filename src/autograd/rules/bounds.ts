/**
 * What the host knows of the elements of integer tensors: the smallest and the largest. It lets
 * rules refuse wrong indices and labels without waiting for the device.
 *
 * @module
 */
import { formatShape } from "../../shape.ts";
import type { Tensor } from "../../tensor/mod.ts";

/** Hands on the bounds of `sources` to a tensor that holds elements of theirs and no others. */
export function withBounds(tensor: Tensor, sources: readonly Tensor[]): Tensor {
  const all = sources.filter((source) => source.size > 0).map((source) => source.buffer.bounds);
  const known = all.filter((bounds) => bounds !== undefined);
  if (known.length > 0 && known.length === all.length) {
    const low = Math.min(...known.map((bounds) => bounds[0]));
    tensor.buffer.bounds = [low, Math.max(...known.map((bounds) => bounds[1]))];
  }
  return tensor;
}

/** Refuses integers that are known to lie outside of 0 to size - 1. */
export function checkIndices(act: string, integers: Tensor, size: number): void {
  const { bounds } = integers.buffer;
  if (bounds === undefined || size < 1 || (bounds[0] >= 0 && bounds[1] < size)) return;
  throw new RangeError(
    `Cannot ${act} with integers of shape ${formatShape(integers.shape)} that run from ` +
      `${bounds[0]} to ${bounds[1]}: they must be from 0 to ${size - 1}`,
  );
}
