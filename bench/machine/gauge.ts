/**
 * Measures the machine: the rate of multiply-adds and of memory, for any number of threads. The
 * threads are apart from those of the cpu device, and sleep in between.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import { compileLoops, type Loops, PAGES } from "./compile.ts";

/** The loops, see loops.as.ts. */
type Loop = "multiply_adds" | "copy" | "triad";

/** Where the two buffers begin, and the bytes of one of them: far more than caches hold. */
const START = 65536, BYTES = (PAGES * 65536 - START) / 2;
/** Rounds of 64 bytes over a buffer. */
const BLOCKS = BYTES / 64;
/** Milliseconds after which a thread is taken for dead. */
const PATIENCE = 10_000;
/** Rounds of multiply-adds for about 10 ms. */
const ROUNDS = 1_200_000;

/** What a round counts as: operations, or bytes that are read and written. */
const AMOUNT: Readonly<Record<Loop, number>> = {
  multiply_adds: 13 * 4 * 4 * 2,
  copy: 128,
  triad: 192,
};

/** Words that the threads share: how many are done, the call; then, per thread, calls so far. */
const DONE = 0, LOOP = 1, ROUNDS_EACH = 2, SIGNALS = 3;

const LOOPS: readonly Loop[] = ["multiply_adds", "copy", "triad"];

/** The program of a thread: waits for a signal, runs its share of the rounds, says so. */
const PROGRAM = `
  const { workerData } = require("node:worker_threads");
  const { module, memory, index, control, loops, bytes } = workerData;
  const words = new Int32Array(control);
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort() {} } });
  const signal = ${SIGNALS} + index;
  for (let seen = 0;; seen++) {
    Atomics.wait(words, signal, seen);
    const rounds = words[${ROUNDS_EACH}], first = ${START} + index * rounds * 64 % bytes;
    exports[loops[words[${LOOP}]]](rounds, first, first + bytes);
    Atomics.add(words, ${DONE}, 1);
    Atomics.notify(words, ${DONE});
  }`;

/** Rates of the machine, in billions of operations or of bytes a second. */
export interface Machine {
  /** Which build of the loops was measured: that of the cpu device. */
  readonly build: string;
  readonly threads: number;
  /** Multiply-adds of one thread, and of all together. */
  readonly peak: { readonly one: number; readonly all: number };
  /** Copying from memory to memory: bytes read and bytes written. */
  readonly copy: { readonly one: number; readonly all: number };
  /** y = x + y / 2. */
  readonly triad: { readonly one: number; readonly all: number };
}

/** Below this share of what its threads should do together, something else runs on the machine. */
const QUIET = 0.85;

/** Whether all threads got their processors. */
export function isQuiet({ one, all }: Machine["peak"], threads: number): boolean {
  return all >= QUIET * threads * one;
}

/** Threads that measure. */
export class Gauge {
  readonly threads: number;
  readonly build: Loops["build"];
  readonly #words: Int32Array;
  readonly #workers: readonly Worker[];

  private constructor({ module, build }: Loops, threads: number) {
    const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true });
    // Pages that nobody has written to are all one page of zeros.
    new Float32Array(memory.buffer).fill(0.5);
    const control = new SharedArrayBuffer(4 * (SIGNALS + threads));
    this.threads = threads;
    this.build = build;
    this.#words = new Int32Array(control);
    this.#workers = Array.from({ length: threads }, (_, index) => {
      const workerData = { module, memory, index, control, loops: LOOPS, bytes: BYTES };
      const worker = new Worker(PROGRAM, { eval: true, workerData, execArgv: [] });
      worker.unref();
      return worker;
    });
  }

  /** Starts the threads, and waits until the engine has optimised the loops. */
  static async open(threads: number): Promise<Gauge> {
    const gauge = new Gauge(await compileLoops(), threads);
    for (let i = 0; i < 4; i++) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      for (const loop of LOOPS) gauge.#run(loop, threads);
    }
    return gauge;
  }

  /** Milliseconds of a call on the first threads. */
  #run(loop: Loop, threads: number): number {
    const words = this.#words;
    const all = loop === "multiply_adds" ? ROUNDS * threads : BLOCKS - BLOCKS % threads;
    words[LOOP] = LOOPS.indexOf(loop);
    words[ROUNDS_EACH] = all / threads;
    Atomics.store(words, DONE, 0);
    const started = performance.now();
    for (let thread = 0; thread < threads; thread++) {
      Atomics.add(words, SIGNALS + thread, 1);
      Atomics.notify(words, SIGNALS + thread);
    }
    for (let done = 0; done < threads; done = Atomics.load(words, DONE)) {
      if (Atomics.wait(words, DONE, done, PATIENCE) !== "timed-out") continue;
      throw new Error(`Cannot measure the machine: ${loop} did not end on ${threads} threads`);
    }
    const elapsed = performance.now() - started;
    return elapsed / (words[ROUNDS_EACH] * threads);
  }

  /** The rate of a loop in the fastest of some calls, in billions a second: a limit is the best. */
  rate(loop: Loop, threads: number, calls = 8): number {
    const times = Array.from({ length: calls }, () => this.#run(loop, threads));
    return AMOUNT[loop] / Math.min(...times) * 1e-6;
  }

  /** All rates, in about half a second. */
  machine(): Machine {
    const both = (loop: Loop) => ({ one: this.rate(loop, 1), all: this.rate(loop, this.threads) });
    return {
      build: this.build,
      threads: this.threads,
      peak: both("multiply_adds"),
      copy: both("copy"),
      triad: both("triad"),
    };
  }

  /** Ends the threads. */
  close(): void {
    for (const worker of this.#workers) void worker.terminate();
  }
}
