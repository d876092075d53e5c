/**
 * WebGPU in Deno: wgpu, built in.
 *
 * @module
 */
import { BackendError } from "../../errors.ts";
import { surroundings } from "./cache_folder.ts";
import type { TuningStore } from "./tuning.ts";
import { tuningFile, tuningPath } from "./tuning_file.ts";

export { canShareMemory, parallelism, startThread } from "./node_threads.ts";

/** Who runs WebGPU here, for descriptions. */
export const ENGINE = "wgpu in Deno";

/** What to do when there is no adapter. */
export const REMEDY =
  "install a Vulkan driver (Debian without a GPU: apt install mesa-vulkan-drivers)";

/** How many steps of a loop may run ahead of the GPU; Deno looks only every 10 ms whether it is done. */
export const AHEAD = 16;

/** The entry to WebGPU. Throws BackendError with the remedy when there is none. */
export function requestGpu(): Promise<GPU> {
  const gpu: GPU | undefined = globalThis.navigator?.gpu;
  if (gpu !== undefined) return Promise.resolve(gpu);
  return Promise.reject(
    new BackendError(
      "Cannot use WebGPU in Deno: navigator.gpu is missing, update Deno or run it with --unstable-webgpu",
    ),
  );
}

/** Whether waiting is slow unless something is submitted meanwhile. */
export function needsNudge(): boolean {
  return false;
}

/** Compiles what the engine has and does not show: here it shows all. */
export function compileRelaxed(_bytes: BufferSource): WebAssembly.Module | undefined {
  return undefined;
}

/**
 * Where measured choices of kernels are kept; undefined where the user wants none, or where reading
 * them would make Deno ask for a permission.
 */
export async function tuningStore(): Promise<TuningStore | undefined> {
  if (!await isGranted({ name: "env" }) || !await isGranted({ name: "sys", kind: "homedir" })) {
    return undefined;
  }
  const path = tuningPath(surroundings());
  if (path === undefined || !await isGranted({ name: "read", path })) return undefined;
  return tuningFile(path);
}

/** A permission, as Deno names it. */
interface Permission {
  readonly name: "env" | "read" | "sys";
  readonly kind?: "homedir";
  readonly path?: string;
}

async function isGranted(permission: Permission): Promise<boolean> {
  const { Deno } = globalThis as unknown as {
    readonly Deno: {
      readonly permissions: { query(it: Permission): Promise<{ readonly state: string }> };
    };
  };
  return (await Deno.permissions.query(permission)).state === "granted";
}
