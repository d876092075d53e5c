/**
 * WebGPU in browsers and their workers.
 *
 * @module
 */
import { BackendError } from "../../errors.ts";

/** Who runs WebGPU here, for descriptions. */
export const ENGINE = "browser";

/** What to do when there is no adapter. */
export const REMEDY = "switch on hardware acceleration in the browser's settings";

/** How many steps of a loop may run ahead of the GPU. */
export const AHEAD = 2;

/** The entry to WebGPU. Throws BackendError with the remedy when there is none. */
export function requestGpu(): Promise<GPU> {
  const gpu: GPU | undefined = globalThis.navigator?.gpu;
  if (gpu !== undefined) return Promise.resolve(gpu);
  const reason = globalThis.isSecureContext === false
    ? "the page is not a secure context, serve it by https or from localhost"
    : "navigator.gpu is missing, use a current Chrome, Edge, Firefox or Safari";
  return Promise.reject(new BackendError(`Cannot use WebGPU in this browser: ${reason}`));
}

/** Whether waiting is slow unless something is submitted meanwhile. */
export function needsNudge(): boolean {
  return /firefox/i.test(globalThis.navigator?.userAgent ?? "");
}
