/**
 * The device on which tensors are made when none is named.
 *
 * @module
 */
import { type Device, type DeviceChoice, openDevice, ReferenceDevice } from "../backend/mod.ts";

let current: Device | undefined;

/**
 * Opens a device and makes it the default. Tensors made before stay where they are.
 *
 * @param options.device `auto` (default) takes a hardware WebGPU adapter, else `cpu`.
 * @example
 * ```ts
 * import { init } from "tapegrad";
 * const device = await init({ device: "cpu" });
 * ```
 * @throws BackendError when the device cannot be had, RangeError for an unknown name.
 */
export async function init(options: { readonly device?: DeviceChoice } = {}): Promise<Device> {
  current = await openDevice(options.device ?? "auto");
  return current;
}

/** Makes an opened device the default. */
export function useDevice(device: Device): void {
  current = device;
}

/** The default device: the one of the last `init()`, else a reference device. */
export function currentDevice(): Device {
  return current ??= new ReferenceDevice();
}
