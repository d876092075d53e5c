/**
 * Threads in Node and Deno.
 *
 * @module
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Thread, ThreadEvents } from "./threads.ts";

/** How many threads run at once here. */
export function parallelism(): number {
  return availableParallelism();
}

/** Whether threads can share memory here. */
export function canShareMemory(): boolean {
  return true;
}

/**
 * Runs program text in a thread, with `start` as the value of its variable of that name, and
 * `ready()` to say that it is under way. From then on it does not keep the process alive.
 */
export function startThread(text: string, start: unknown, events: ThreadEvents): Thread {
  const program = `const { workerData: start, parentPort } = require("node:worker_threads");
    const ready = () => parentPort.postMessage("");
    try { ${text} } catch (error) { parentPort.postMessage(String(error)); }`;
  // Without the options of the process, or every thread would load its loaders and preloads.
  const worker = new Worker(program, { eval: true, workerData: start, execArgv: [], env: {} });
  let over = false;
  function lost(reason: string): void {
    if (!over) events.onEnd(reason);
    over = true;
  }
  // Deno would print errors that nobody catches in a worker; so they come as messages.
  worker.on("message", (failure: string) => {
    worker.unref();
    if (failure === "") events.onReady();
    else lost(failure);
  });
  worker.once("error", (error: unknown) => lost(String(error)));
  worker.once("exit", (code) => lost(`it exited with code ${code}`));
  return {
    end() {
      over = true;
      void worker.terminate();
    },
  };
}
