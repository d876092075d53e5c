/**
 * Workers: threads that wait for pieces of calls. Their program is text, because a worker's own
 * file would have to be found by every bundler.
 *
 * @module
 */
import { startThread } from "#platform";
import { CONTROL } from "./layout.ts";

/** What a worker is given. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** 1 for the first worker; the calling thread is 0. */
  readonly index: number;
}

/** A running worker. */
export interface WorkerHandle {
  /** Lets it go; it has been told to quit through the memory. */
  end(): void;
}

/** Loads before a worker goes to sleep: some tens of microseconds. */
const SPINS = 20000;

/** Runs in the worker; must not refer to anything outside of it. */
function work(start: WorkerStart, control: typeof CONTROL, spins: number): void {
  const words = new Int32Array(start.memory.buffer, 0, 1024);
  const at = (offset: number): number => offset / 4;
  const imports = { env: { memory: start.memory, abort: (): void => {} } };
  const { exports } = new WebAssembly.Instance(start.module, imports);
  const names = WebAssembly.Module.exports(start.module)
    .filter(({ kind, name }) => kind === "function" && name !== "start")
    .map(({ name }) => name)
    .sort();
  const entries = names.map((name) => exports[name]) as ((
    address: number,
    first: number,
    last: number,
  ) => void)[];
  (exports["start"] as (index: number) => void)(start.index);
  for (;;) {
    const signal = Atomics.load(words, at(control.signal));
    if (Atomics.load(words, at(control.quit)) === 1) return;
    const open = Atomics.load(words, at(control.open));
    if (open > 0) {
      if (Atomics.compareExchange(words, at(control.open), open, open - 1) !== open) continue;
      const call = at(control.call);
      const tasks = words[call + 2]!, size = words[call + 3]!, first = (open - 1) * size;
      try {
        entries[words[call]!]!(words[call + 1]!, first, Math.min(first + size, tasks));
      } catch {
        Atomics.store(words, at(control.failed), 1);
      }
      Atomics.add(words, at(control.done), 1);
      continue;
    }
    let left = spins;
    while (--left > 0 && Atomics.load(words, at(control.signal)) === signal);
    if (left > 0) continue;
    Atomics.add(words, at(control.sleeping), 1);
    Atomics.wait(words, at(control.signal), signal);
    Atomics.sub(words, at(control.sleeping), 1);
  }
}

/** Starts a worker. */
export function startWorker(start: WorkerStart): WorkerHandle {
  // Compilers that keep names wrap inner functions in __name, which a worker does not have.
  const text = `const __name = (f) => f; (${work})(start, ${JSON.stringify(CONTROL)}, ${SPINS});`;
  return startThread(text, start);
}
