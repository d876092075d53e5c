/**
 * Threads in Node and Deno.
 *
 * @module
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

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
