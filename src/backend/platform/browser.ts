/**
 * WebGPU in browsers and their workers.
 *
 * @module
 */
import { BackendError } from "../../errors.ts";
import type { Thread, ThreadEvents } from "./threads.ts";
import type { TuningStore } from "./tuning.ts";

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

/** How many threads run at once here. */
export function parallelism(): number {
  return globalThis.navigator?.hardwareConcurrency ?? 1;
}

/** Whether threads can share memory here: only on pages that are cross-origin isolated. */
export function canShareMemory(): boolean {
  return globalThis.crossOriginIsolated === true && typeof Worker === "function";
}

/** Compiles what the engine has and does not show: here it shows all. */
export function compileRelaxed(_bytes: BufferSource): WebAssembly.Module | undefined {
  return undefined;
}

/**
 * Runs program text in a thread, with `start` as the value of its variable of that name, and
 * `ready()` to say that it is under way.
 */
export function startThread(text: string, start: unknown, events: ThreadEvents): Thread {
  const program = `const ready = () => postMessage("ready");
    onmessage = ({ data: start }) => { ${text} };`;
  const url = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
  const worker = new Worker(url);
  worker.onmessage = () => {
    URL.revokeObjectURL(url);
    events.onReady();
  };
  worker.onerror = (event) => {
    event.preventDefault();
    events.onEnd(event.message || "it could not be started, does the page's policy allow blob:?");
  };
  worker.postMessage(start);
  return {
    end() {
      worker.onerror = null;
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}

const TUNING = "tapegrad tuning";

/**
 * Where measured choices of kernels are kept; undefined in workers, and where the user has switched
 * storage off.
 */
export function tuningStore(): Promise<TuningStore | undefined> {
  let storage: Storage | undefined;
  try {
    storage = globalThis.localStorage;
  } catch {
    // Some browsers throw where storage is switched off.
  }
  if (storage === undefined || storage === null) return Promise.resolve(undefined);
  const held = storage;
  return Promise.resolve({
    place: `localStorage, "${TUNING}"`,
    read: () => Promise.resolve(held.getItem(TUNING) ?? undefined),
    // A promise is rejected when there is no room left.
    write: async (text) => await Promise.resolve(held.setItem(TUNING, text)),
  });
}
