/**
 * WebGPU in Node: Dawn, from the optional package `webgpu`.
 *
 * @module
 */
import { BackendError } from "../../errors.ts";
import { surroundings } from "./cache_folder.ts";
import type { TuningStore } from "./tuning.ts";
import { tuningFile, tuningPath } from "./tuning_file.ts";

export { compileRelaxed } from "./node_simd.ts";
export { canShareMemory, parallelism, startThread } from "./node_threads.ts";

/** Who runs WebGPU here, for descriptions. */
export const ENGINE = "Dawn in Node";

/** What to do when there is no adapter. */
export const REMEDY =
  "install a Vulkan driver (Debian without a GPU: apt install mesa-vulkan-drivers)";

/** How many steps of a loop may run ahead of the GPU. */
export const AHEAD = 2;

// Dawn crashes when this object is collected while a device lives.
let gpu: GPU | undefined;

/** The entry to WebGPU. Throws BackendError with the remedy when there is none. */
export async function requestGpu(): Promise<GPU> {
  gpu ??= globalThis.navigator?.gpu ?? (await load()).create([]);
  return gpu;
}

async function load(): Promise<typeof import("webgpu")> {
  try {
    return await import("webgpu");
  } catch (error) {
    const missing = (error as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND";
    throw new BackendError(
      missing
        ? "Cannot use WebGPU in Node: the package webgpu is not installed, run: npm install webgpu"
        : `Cannot use WebGPU in Node: the package webgpu does not load here (${
          String(error).split("\n", 1)[0]
        }), run: npm install webgpu`,
    );
  }
}

/** Whether waiting is slow unless something is submitted meanwhile. */
export function needsNudge(): boolean {
  return false;
}

/** Where measured choices of kernels are kept; undefined where the user wants none. */
export function tuningStore(): Promise<TuningStore | undefined> {
  const path = tuningPath(surroundings());
  return Promise.resolve(path === undefined ? undefined : tuningFile(path));
}
