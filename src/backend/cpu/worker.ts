/**
 * Workers: threads that take part in programs. Their own program is text, because a worker's file
 * would have to be found by every bundler.
 *
 * @module
 */
import { startThread } from "#platform";
import { CONTROL, REASON_LETTERS } from "./layout.ts";

/** What a worker is given. */
export interface WorkerStart {
  /** The compiled kernels. */
  readonly kernels: WebAssembly.Module;
  /** Names of their entries, in order. */
  readonly names: readonly string[];
  /** The compiled crew.as.ts. */
  readonly crew: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** 1 for the first worker; the calling thread is 0. */
  readonly index: number;
}

/** A running worker. */
export interface WorkerHandle {
  /** Resolves when it is ready for work; rejects when it fails before. */
  readonly ready: Promise<void>;
  /** Why it has ended by itself, if it has. */
  readonly lost: string | undefined;
  /** Lets it go. */
  end(): void;
}

/** Looks for work before a worker looks at the clock: some microseconds. */
const SPINS = 5000;

/**
 * Milliseconds that a worker stays awake without work, so that it need not be woken within a step:
 * waking costs the calling thread 10 to 30 microseconds, a look about a nanosecond.
 */
const AWAKE = 0.1;

/** Runs in the worker; must not refer to anything outside of it. */
function work(
  { kernels, names, crew, memory, index }: WorkerStart,
  ready: () => void,
  { control, letters, spins, awake }: {
    readonly control: typeof CONTROL;
    readonly letters: number;
    readonly spins: number;
    readonly awake: number;
  },
): void {
  const words = new Int32Array(memory.buffer, 0, 1024);
  const at = (offset: number): number => offset / 4;
  const own = new WebAssembly.Instance(kernels, { env: { memory, abort: (): void => {} } }).exports;
  const table = new WebAssembly.Table({ element: "anyfunc", initial: names.length + 1 });
  names.forEach((name, entry) => table.set(entry, own[name]));
  const { share, recover } = new WebAssembly.Instance(crew, { env: { memory, table } }).exports as {
    share: (thread: number, spins: number) => number;
    recover: () => void;
  };
  (own["start"] as (index: number) => void)(index);
  /** Leaves the reason of a failure for the calling thread, unless another worker has. */
  function explain(error: unknown): void {
    const text = String(error).slice(0, letters);
    if (Atomics.compareExchange(words, at(control.reason), 0, text.length) !== 0) return;
    const place = new Uint16Array(memory.buffer, control.reason + 4, letters);
    for (let i = 0; i < text.length; i++) place[i] = text.charCodeAt(i);
  }
  ready();
  let last = performance.now();
  for (;;) {
    // Read first: when something comes up after a look in vain, it has changed.
    const signal = Atomics.load(words, at(control.signal));
    if (Atomics.load(words, at(control.quit)) === 1) return;
    let worked = true;
    try {
      worked = share(index, spins) !== 0;
    } catch (error) {
      explain(error);
      recover();
    }
    const now = performance.now();
    if (worked) last = now;
    if (now - last < awake) continue;
    Atomics.add(words, at(control.sleeping), 1);
    Atomics.wait(words, at(control.signal), signal);
    last = performance.now();
  }
}

/** Starts a worker. */
export function startWorker(start: WorkerStart): WorkerHandle {
  const settings = { control: CONTROL, letters: REASON_LETTERS, spins: SPINS, awake: AWAKE };
  // Compilers that keep names wrap inner functions in __name, which a worker does not have.
  const text = `const __name = (f) => f; (${work})(start, ready, ${JSON.stringify(settings)});`;
  let lost: string | undefined;
  let end = (): void => {};
  const ready = new Promise<void>((resolve, reject) => {
    end = startThread(text, start, {
      onReady: resolve,
      onEnd(reason) {
        lost ??= reason;
        reject(new Error(reason));
      },
    }).end;
  });
  // Who does not wait for it still learns it from `lost`.
  ready.catch(() => {});
  return {
    ready,
    get lost() {
      return lost;
    },
    end,
  };
}
