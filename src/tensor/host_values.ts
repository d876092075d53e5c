/**
 * Numbers that the host gives to a step anew every time: the rate of an optimiser, the key of a
 * random draw.
 *
 * @module
 */
import type { Device, DeviceBuffer } from "../backend/mod.ts";
import { allocate, type DType, type TypedArray } from "../dtype.ts";
import type { RandomKey } from "../random.ts";

/** Writes the numbers of a step. */
export type HostFill = (into: TypedArray) => void;

/** A buffer of `size` elements that `fill` writes; in a captured step, again for every replay. */
export function hostBuffer(
  device: Device,
  { dtype, size }: { readonly dtype: DType; readonly size: number },
  fill: HostFill,
): DeviceBuffer {
  const data = allocate(dtype, size);
  fill(data);
  const buffer = device.upload(data, dtype);
  device.observer?.refilled(buffer, fill, data);
  return buffer;
}

/** The key of the next draw of a stream, drawn anew in every step. */
export function keyBuffer(device: Device, random: { next(): RandomKey }): DeviceBuffer {
  return hostBuffer(device, { dtype: "u32", size: 4 }, (into) => into.set(random.next()));
}
