/**
 * The device on which tensors are made when none is named.
 *
 * @module
 */
import {
  type Device,
  type DeviceChoice,
  openDevice,
  type OpenOptions,
  ReferenceDevice,
} from "../backend/mod.ts";

let current: Device | undefined;

/** Which device to open, and how. */
export interface OpenDefaultOptions extends OpenOptions {
  /** Default "auto": a hardware WebGPU adapter where there is one, else the cpu. */
  readonly device?: DeviceChoice;
}

/**
 * Opens a device and makes it the default. Tensors made before stay where they are.
 *
 * @example
 * ```ts
 * import { init } from "tapegrad";
 * const device = await init({ device: "cpu" });
 * ```
 * @throws BackendError when the device cannot be had, RangeError for an unknown name.
 */
export async function init(options: OpenDefaultOptions = {}): Promise<Device> {
  const { device = "auto", ...how } = options;
  current = await openDevice(device, how);
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
