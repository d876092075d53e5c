/**
 * Opening a device by name.
 *
 * @module
 */
import { BackendError } from "../errors.ts";
import { openCpu as openWebAssembly, type OpenCpuOptions } from "./cpu/open.ts";
import type { Device } from "./device.ts";
import { ReferenceDevice } from "./reference/device.ts";
import { type AdapterOptions, findAdapter } from "./webgpu/adapter.ts";
import { openAdapter } from "./webgpu/open.ts";

/** What to open. */
export type DeviceChoice = "auto" | "webgpu" | "cpu" | "reference";

const CHOICES: readonly DeviceChoice[] = ["auto", "webgpu", "cpu", "reference"];

/** How to open it: what concerns the other kind of device is passed over. */
export interface OpenOptions extends AdapterOptions, OpenCpuOptions {}

/**
 * Opens a device. `auto` takes a GPU where there is one and else the CPU, never a software
 * adapter, which is slower than the CPU backend; the description says what was taken and why.
 * `webgpu` takes any adapter.
 *
 * @example
 * ```ts
 * import { openDevice } from "tapegrad";
 * const device = await openDevice("auto");
 * device.description; // "nvidia ampere: NVIDIA GeForce RTX 3060 (browser)"
 * ```
 * @throws BackendError when `webgpu` is asked for and there is none.
 */
export async function openDevice(
  choice: DeviceChoice = "auto",
  options: OpenOptions = {},
): Promise<Device> {
  switch (choice) {
    case "auto":
      return await openAuto(options);
    case "webgpu":
      return await openAdapter(await findAdapter(options), options);
    case "cpu":
      return await openCpu(options);
    case "reference":
      return new ReferenceDevice();
    default:
      throw new RangeError(
        `Cannot open a device ${JSON.stringify(choice)}: the choice must be one of ${
          CHOICES.join(", ")
        }`,
      );
  }
}

async function openAuto(options: OpenOptions): Promise<Device> {
  try {
    const found = await findAdapter(options);
    if (!found.software) return await openAdapter(found, options);
    return await openCpu(options, `no GPU: the only adapter is ${found.description}`);
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return await openCpu(options, error.message);
  }
}

/** WebAssembly, or plain TypeScript where an engine has none; the description says which. */
async function openCpu(options: OpenOptions, reason?: string): Promise<Device> {
  if (typeof WebAssembly === "object") return await openWebAssembly({ ...options, reason });
  const missing = "this engine has no WebAssembly";
  return new ReferenceDevice(reason === undefined ? missing : `${missing}; ${reason}`);
}
