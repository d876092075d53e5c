/**
 * WebGPU in Deno: wgpu, built in.
 *
 * @module
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { BackendError } from "../../errors.ts";

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

/** How many threads run at once here. */
export function parallelism(): number {
  return availableParallelism();
}

/** Whether threads can share memory here. */
export function canShareMemory(): boolean {
  return true;
}

/** Runs program text in a thread, with `start` as the value of its variable of that name. */
export function startThread(text: string, start: unknown): { readonly end: () => void } {
  const program = `const { workerData: start } = require("node:worker_threads"); ${text}`;
  const worker = new Worker(program, { eval: true, workerData: start });
  worker.unref(); // a waiting thread must not keep the program alive
  return { end: () => void worker.terminate() };
}
