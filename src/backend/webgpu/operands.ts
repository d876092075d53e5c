/**
 * Checks of what callers hand in: host arrays, and buffers of this device that are still alive.
 *
 * @module
 */
import { type DType, dtypeOf, type TypedArray } from "../../dtype.ts";
import { BackendError, DisposedError, DTypeError } from "../../errors.ts";
import type { DeviceBuffer } from "../buffer.ts";
import type { Device } from "../device.ts";
import type { View } from "./slot.ts";

/** Throws DTypeError unless the array holds elements of this type, and WGSL has the type. */
export function checkHost(act: string, data: TypedArray, dtype: DType): void {
  if (dtype === "f64") {
    throw new DTypeError(`Cannot ${act} f64 elements: WGSL has no f64, use f32`);
  }
  const given = dtypeOf(data);
  if (given === dtype) return;
  throw new DTypeError(
    `Cannot ${act} ${given ?? "unknown"} elements as ${dtype}: the array must hold ${dtype}`,
  );
}

/** The view of a living buffer of this device. */
export function viewOf(device: Device, act: string, buffer: DeviceBuffer, bytes: number): View {
  if (buffer.device !== device) {
    throw new BackendError(
      `Cannot ${act} a buffer on ${device.description}: it lives on another device ` +
        `(${buffer.device.description}), all operands must live on the same one`,
    );
  }
  const view = buffer.handle as View;
  if (view.slot.holder !== (buffer.root ?? buffer)) {
    throw new DisposedError(`Cannot ${act} a buffer: it was already freed, keep() it while in use`);
  }
  if (view.slot.generation !== device.generation) throw lostError(act, "a buffer");
  if (view.bytes !== bytes) {
    throw new BackendError(
      `Cannot ${act} a buffer of ${view.bytes} bytes: the shape takes ${bytes} bytes`,
    );
  }
  return view;
}

/** What was made before the GPU was lost is gone. */
export function lostError(act: string, what: string): BackendError {
  return new BackendError(
    `Cannot ${act} ${what} from before the GPU was lost: what was on it is gone, ` +
      "load a snapshot or compute it again",
  );
}

/**
 * Throws when a buffer that is written is bound a second time, for reading, or for writing the same
 * bytes: WebGPU refuses the dispatch. What is read beside it, see read_beside.ts, counts as written.
 */
export function checkAlias(
  kernel: string,
  written: View,
  others: { readonly read: readonly View[]; readonly written: readonly View[] },
): void {
  const isFree = !others.read.some(({ slot }) => slot === written.slot) &&
    !others.written.some((view) => view.overlaps(written));
  if (isFree) return;
  throw new BackendError(
    `Cannot run ${kernel}: a buffer that it updates is also another operand, ` +
      "each updated buffer must occur once",
    { kernel },
  );
}
