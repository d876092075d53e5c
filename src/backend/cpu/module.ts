/**
 * The compiled kernels: two builds of one AssemblyScript program, with plain SIMD and with relaxed
 * multiply-add, of which the best that the engine takes is used. Node 20 has the relaxed
 * instructions and does not show them; platform/node_simd.ts says how it takes them all the same.
 *
 * @module
 */
import { compileRelaxed } from "#platform";
import { BackendError } from "../../errors.ts";
import { CREW, RELAXED, SIMD } from "./generated/kernels.ts";
import { heapStart, MOST_PAGES, PAGE } from "./layout.ts";
import { startWorker, type WorkerHandle, type WorkerStart } from "./worker.ts";

/** Runs tasks first to last - 1 of the call whose arguments lie at an address. */
export type Entry = (address: number, first: number, last: number) => void;

/** The functions of crew.as.ts, which say what they do. */
export interface CrewFunctions {
  readonly run: (program: number, calls: number, threads: number, spins: number) => number;
  readonly share: (thread: number, spins: number) => number;
  readonly recover: () => void;
}

/** Compiled kernels. */
export interface Build {
  readonly compiled: WebAssembly.Module;
  /** Which build it is, for people. */
  readonly build: "SIMD" | "relaxed SIMD";
}

/** Compiled kernels on a memory, and the threads that run them. */
export interface KernelModule extends Build {
  readonly memory: WebAssembly.Memory;
  /** Names of the entries, sorted; threads know an entry by its place. */
  readonly names: readonly string[];
  readonly entries: readonly Entry[];
  readonly crew: CrewFunctions;
  /** All threads but the calling one. */
  readonly workers: readonly WorkerHandle[];
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const letters = atob(base64);
  // Not Uint8Array.from(), which takes longer than compiling.
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

async function compile(): Promise<Build> {
  if (typeof WebAssembly !== "object") {
    throw new BackendError("Cannot open the cpu device: this engine has no WebAssembly");
  }
  try {
    const relaxed = bytesOf(RELAXED);
    const compiled = WebAssembly.validate(relaxed)
      ? await WebAssembly.compile(relaxed)
      : compileRelaxed(relaxed);
    if (compiled !== undefined) return { compiled, build: "relaxed SIMD" };
    const plain = bytesOf(SIMD);
    if (WebAssembly.validate(plain)) {
      return { compiled: await WebAssembly.compile(plain), build: "SIMD" };
    }
  } catch (error) {
    // A page's policy may forbid it.
    throw new BackendError(
      `Cannot open the cpu device: its kernels do not compile (${(error as Error).message}), ` +
        "use the reference device",
    );
  }
  throw new BackendError(
    "Cannot open the cpu device: this engine has no WebAssembly SIMD with threads, " +
      "use a current Node, Deno or browser, or the reference device",
  );
}

/** A memory that may grow to 4 GiB, or to as much as the engine promises. */
function reserve(threads: number): WebAssembly.Memory {
  const initial = Math.ceil(heapStart(threads) / PAGE) + 16;
  let cause: unknown;
  for (const maximum of [MOST_PAGES, MOST_PAGES / 2, MOST_PAGES / 4, MOST_PAGES / 8]) {
    try {
      return new WebAssembly.Memory({ initial, maximum, shared: true });
    } catch (error) {
      cause = error;
    }
  }
  throw new BackendError(`Cannot open the cpu device: the engine gives no memory (${cause})`);
}

/** How long a worker may take to start; some tens of milliseconds are usual. */
const START_SECONDS = 20;

/** Threads could not be started. */
export class WorkerError extends BackendError {
  /** What went wrong. */
  readonly reason: string;

  /** With the number of threads that were wanted. */
  constructor(threads: number, reason: string) {
    super(`Cannot open the cpu device with ${threads} threads: ${reason}, use threads: 1`);
    this.reason = reason;
  }
}

/** Starts all threads but the calling one, and waits until they are ready. */
async function startWorkers(
  threads: number,
  seconds: number,
  shared: Omit<WorkerStart, "index">,
): Promise<WorkerHandle[]> {
  const workers: WorkerHandle[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`it did not start within ${seconds} s`);
    timer = setTimeout(() => reject(error), seconds * 1000);
  });
  try {
    for (let index = 1; index < threads; index++) workers.push(startWorker({ ...shared, index }));
    await Promise.race([Promise.all(workers.map(({ ready }) => ready)), late]);
    return workers;
  } catch (error) {
    for (const worker of workers) worker.end();
    const reason = error instanceof Error ? error.message : String(error);
    throw new WorkerError(threads, `a worker thread failed: ${reason}`);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Gives compiled kernels a memory, and starts the threads that share it; each may take `seconds`.
 *
 * @throws WorkerError when one of them fails.
 */
export async function start(
  build: Build,
  threads: number,
  seconds: number = START_SECONDS,
): Promise<KernelModule> {
  const { compiled } = build;
  const memory = reserve(threads);
  const env = { memory, abort: (): void => {} };
  const { exports } = await WebAssembly.instantiate(compiled, { env });
  const names = WebAssembly.Module.exports(compiled)
    .filter(({ kind, name }) => kind === "function" && name !== "start")
    .map(({ name }) => name)
    .sort();
  (exports["start"] as (thread: number) => void)(0);
  const entries = names.map((name) => exports[name] as Entry);
  const table = new WebAssembly.Table({ element: "anyfunc", initial: names.length + 1 });
  entries.forEach((entry, i) => table.set(i, entry));
  const crew = await WebAssembly.compile(bytesOf(CREW));
  const instance = await WebAssembly.instantiate(crew, { env: { memory, table } });
  return {
    ...build,
    memory,
    names,
    entries,
    crew: instance.exports as unknown as CrewFunctions,
    workers: await startWorkers(threads, seconds, { kernels: compiled, names, crew, memory }),
  };
}

/** Compiles the kernels, makes their memory and starts the threads. */
export async function loadModule(threads: number): Promise<KernelModule> {
  return await start(await compile(), threads);
}
