/**
 * Numbers as operands. Each (device, type, value) is uploaded once; the 256 used last are kept.
 *
 * @module
 */
import type { Device, DeviceBuffer } from "../backend/mod.ts";
import { type DType, toTypedArray } from "../dtype.ts";

const LIMIT = 256;

interface Cache {
  /** That of the device: constants are lost with it. */
  readonly generation: number;
  readonly buffers: Map<string, DeviceBuffer>;
}

const caches = new WeakMap<Device, Cache>();

function cacheOf(device: Device): Map<string, DeviceBuffer> {
  const known = caches.get(device), { generation } = device;
  if (known?.generation === generation) return known.buffers;
  for (const buffer of known?.buffers.values() ?? []) buffer.release();
  const buffers = new Map<string, DeviceBuffer>();
  caches.set(device, { generation, buffers });
  return buffers;
}

/** Runs `fn` out of a capture: a constant is there before every step. */
function unobserved<T>(device: Device, fn: () => T): T {
  const { observer } = device;
  device.observer = undefined;
  try {
    return fn();
  } finally {
    device.observer = observer;
  }
}

/** A buffer of one element that belongs to the cache: retain it to hold it. */
export function constantBuffer(device: Device, dtype: DType, value: number): DeviceBuffer {
  const cache = cacheOf(device);
  const key = `${dtype} ${Object.is(value, -0) ? "-0" : value}`;
  const buffer = cache.get(key) ?? unobserved(device, () => {
    const made = device.upload(toTypedArray(dtype, [value]), dtype);
    made.isConstant = true;
    return made;
  });
  cache.delete(key); // and back in as the newest
  cache.set(key, buffer);
  const [oldest] = cache.size > LIMIT ? cache : [];
  if (oldest !== undefined) {
    cache.delete(oldest[0]);
    oldest[1].release();
  }
  return buffer;
}
