/**
 * The crew: the calling thread and its workers, who share the pieces of a call. A piece is taken by
 * counting down one shared word, so it does not matter who comes when, and nobody waits for a
 * worker that sleeps. Every piece writes its own outputs: results do not depend on the crew.
 *
 * @module
 */
import { BackendError } from "../../errors.ts";
import { CONTROL } from "./layout.ts";
import type { KernelModule } from "./module.ts";
import { startWorker, type WorkerHandle } from "./worker.ts";

/** Pieces per thread that a call is cut into, so that a late worker does not hold all up. */
const PIECES_PER_THREAD = 4;

const WORD = 4;
const at = (offset: number): number => offset / WORD;

/** Runs calls on all threads. */
export class Crew {
  readonly threads: number;
  readonly #module: KernelModule;
  readonly #words: Int32Array;
  readonly #workers: WorkerHandle[] = [];
  #closed = false;

  constructor(module: KernelModule, threads: number) {
    this.#module = module;
    this.threads = threads;
    this.#words = new Int32Array(module.memory.buffer, 0, 1024);
    for (let index = 1; index < threads; index++) {
      this.#workers.push(startWorker({ module: module.compiled, memory: module.memory, index }));
    }
  }

  /** Runs tasks 0 to tasks - 1 of an entry whose arguments lie at `address`; returns when done. */
  run(entry: number, address: number, tasks: number): void {
    if (tasks === 1 || this.threads === 1) {
      this.#module.entries[entry]!(address, 0, tasks);
      return;
    }
    const words = this.#words;
    const size = Math.ceil(tasks / (this.threads * PIECES_PER_THREAD));
    const pieces = Math.ceil(tasks / size);
    words[at(CONTROL.call)] = entry;
    words[at(CONTROL.call) + 1] = address;
    words[at(CONTROL.call) + 2] = tasks;
    words[at(CONTROL.call) + 3] = size;
    Atomics.store(words, at(CONTROL.done), 0);
    Atomics.store(words, at(CONTROL.open), pieces);
    Atomics.add(words, at(CONTROL.signal), 1);
    if (Atomics.load(words, at(CONTROL.sleeping)) > 0) Atomics.notify(words, at(CONTROL.signal));
    try {
      this.#share(entry, address, tasks, size);
    } finally {
      // Also after an error: the pieces that workers hold still read the arguments.
      while (Atomics.load(words, at(CONTROL.done)) < pieces);
    }
    if (Atomics.exchange(words, at(CONTROL.failed), 0) === 1) {
      throw new BackendError(
        `Cannot finish ${this.#module.names[entry]}: a worker thread failed in it`,
        { kernel: this.#module.names[entry]! },
      );
    }
  }

  /** The caller's share. */
  #share(entry: number, address: number, tasks: number, size: number): void {
    const words = this.#words;
    const run = this.#module.entries[entry]!;
    for (;;) {
      const open = Atomics.load(words, at(CONTROL.open));
      if (open === 0) return;
      if (Atomics.compareExchange(words, at(CONTROL.open), open, open - 1) !== open) continue;
      const first = (open - 1) * size;
      try {
        run(address, first, Math.min(first + size, tasks));
      } finally {
        Atomics.add(words, at(CONTROL.done), 1);
      }
    }
  }

  /** Ends the workers. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    Atomics.store(this.#words, at(CONTROL.quit), 1);
    Atomics.add(this.#words, at(CONTROL.signal), 1);
    Atomics.notify(this.#words, at(CONTROL.signal));
    for (const worker of this.#workers) worker.end();
  }
}
