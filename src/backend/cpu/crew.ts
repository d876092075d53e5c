/**
 * The crew: the calling thread and its workers, who run programs together; crew.as.ts says how.
 * Results do not depend on the number of threads.
 *
 * @module
 */
import { BackendError, DisposedError } from "../../errors.ts";
import { CONTROL } from "./layout.ts";
import type { KernelModule } from "./module.ts";

const at = (offset: number): number => offset / Int32Array.BYTES_PER_ELEMENT;

/** What share() in crew.as.ts gives. */
const WORKED = 1, ENDED = 2;

/** Looks at the memory before the calling thread looks at the clock: the first time, and then. */
const FIRST_SPINS = 20_000, SPINS = 5_000;

/** Milliseconds without anything to do after which the calling thread sleeps, where it may. */
const AWAKE = 0.05;

/** Milliseconds that it sleeps at most, before it looks whether there is progress. */
const NAP = 100;

/** Seconds without progress after which a worker counts as dead. */
const PATIENCE = 60;

/** Runs calls on all threads. */
export class Crew {
  /** How many there are, the calling thread included. */
  readonly threads: number;
  readonly #module: KernelModule;
  readonly #words: Int32Array;
  readonly #patience: number;
  readonly #maySleep: boolean;
  /** Workers that have ended, as far as the caller was told. */
  #missing = 0;
  #closed = false;
  /** What cannot be repaired. */
  #broken: string | undefined;

  /** `patience`: seconds without progress after which a worker counts as dead. Default 60. */
  constructor(module: KernelModule, threads: number, patience: number = PATIENCE) {
    this.#module = module;
    this.threads = threads;
    this.#patience = patience * 1000;
    this.#words = new Int32Array(module.memory.buffer, 0, 1024);
    this.#maySleep = maySleep(this.#words);
  }

  /**
   * Runs tasks 0 to tasks - 1 of an entry whose arguments lie at `address`; returns when done.
   *
   * @throws BackendError when the entry fails on any thread, or a worker is lost.
   * @throws DisposedError after close().
   */
  run(entry: number, address: number, tasks: number): void {
    const words = this.#words, single = at(CONTROL.single);
    words[single] = entry;
    words[single + 1] = address;
    words[single + 2] = tasks;
    this.runProgram(CONTROL.single, 1);
  }

  /**
   * Runs a program: `calls` times three words at `address`, entry, address of the arguments, tasks.
   * A call begins when the one before is complete. Returns when all are done; throws as run() does,
   * and then the calls after the failed one have not run.
   */
  runProgram(address: number, calls: number): void {
    if (calls === 0) return;
    this.#check(address);
    const { run, recover } = this.#module.crew;
    let status = 0, cause: unknown;
    try {
      status = run(address, calls, this.threads, FIRST_SPINS);
    } catch (error) {
      cause = error;
      recover();
    }
    if (status !== ENDED) cause = this.#wait() ?? cause;
    if (Atomics.load(this.#words, at(CONTROL.failed)) !== 0) this.#fail(cause);
  }

  /** Takes part until the program has ended; gives what was thrown. */
  #wait(): unknown {
    const words = this.#words, { share, recover } = this.#module.crew;
    const signal = at(CONTROL.signal), waiting = at(CONTROL.waiting);
    let idle = 0, before = performance.now(), progress = 0, cause: unknown;
    for (;;) {
      const sleepy = this.#maySleep && idle > AWAKE;
      let status = WORKED;
      if (sleepy) Atomics.store(words, waiting, 1);
      // Read before looking: when something comes up after a look in vain, it has changed.
      const seen = Atomics.load(words, signal);
      try {
        status = share(0, sleepy ? 1 : SPINS);
      } catch (error) {
        cause ??= error;
        recover();
      }
      if (sleepy && status === 0) Atomics.wait(words, signal, seen, NAP);
      if (sleepy) Atomics.store(words, waiting, 0);
      if (status === ENDED) return cause;
      const now = performance.now();
      const reached = words[at(CONTROL.next)]! + words[at(CONTROL.done)]!;
      // A pause of the whole process counts as one nap.
      idle = status === WORKED || reached !== progress ? 0 : idle + Math.min(now - before, 2 * NAP);
      before = now;
      progress = reached;
      if (idle > this.#patience) this.#giveUp();
    }
  }

  /** Throws what went wrong in the program that has just ended. */
  #fail(cause: unknown): never {
    const words = this.#words;
    // Addresses may lie above 2 GiB.
    const kernel = this.#nameAt(Atomics.exchange(words, at(CONTROL.failed), 0) >>> 0);
    const length = words[at(CONTROL.reason)]!;
    const letters = new Uint16Array(words.buffer, CONTROL.reason + 4, length);
    const reason = length === 0
      ? `${cause} on the calling thread`
      : `${String.fromCharCode(...letters)} on a worker thread`;
    words[at(CONTROL.reason)] = 0;
    throw new BackendError(
      `Cannot finish ${kernel} on the cpu: ${reason}, which is a fault of the kernel, please ` +
        "report it; its outputs are not valid, the device can go on",
      { kernel },
    );
  }

  /** Throws when a worker has held tasks for too long. */
  #giveUp(): never {
    const kernel = this.#nameAt(this.#words[at(CONTROL.call)]! >>> 0);
    this.#broken = `a worker thread did not finish ${kernel}`;
    this.#release();
    throw new BackendError(
      `Cannot finish ${kernel} on the cpu: a worker thread made no progress for ` +
        `${this.#patience / 1000} s, close the device and open it again`,
      { kernel },
    );
  }

  /** Throws when the program cannot run. */
  #check(address: number): void {
    const { workers } = this.#module;
    if (this.#closed) {
      throw new DisposedError(
        `Cannot run ${this.#nameAt(address)}: the cpu device was closed, open it again`,
      );
    }
    if (this.#broken !== undefined) {
      const kernel = this.#nameAt(address);
      throw new BackendError(
        `Cannot run ${kernel} on the cpu: ${this.#broken}, close the device and open it again`,
        { kernel },
      );
    }
    let missing = 0;
    for (let i = 0; i < workers.length; i++) if (workers[i]!.lost !== undefined) missing++;
    if (missing === this.#missing) return;
    this.#missing = missing;
    const kernel = this.#nameAt(address);
    throw new BackendError(
      `Cannot run ${kernel} on ${this.threads} threads: a worker thread was lost ` +
        `(${workers.find(({ lost }) => lost !== undefined)!.lost}); run it again to go on with ` +
        `${this.threads - missing}, or open the device again`,
      { kernel },
    );
  }

  /** Name of the entry of the call at an address. */
  #nameAt(address: number): string {
    const entry = new Int32Array(this.#module.memory.buffer, address, 1)[0]!;
    return this.#module.names[entry] ?? `entry ${entry}`;
  }

  #release(): void {
    const words = this.#words;
    Atomics.store(words, at(CONTROL.quit), 1);
    Atomics.add(words, at(CONTROL.signal), 1);
    Atomics.notify(words, at(CONTROL.signal));
    for (const worker of this.#module.workers) worker.end();
  }

  /** Ends the workers. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#release();
  }
}

/** Whether this thread may sleep: all but the main thread of a page. */
function maySleep(words: Int32Array): boolean {
  try {
    Atomics.wait(words, at(CONTROL.waiting), 1, 0);
    return true;
  } catch {
    return false;
  }
}
