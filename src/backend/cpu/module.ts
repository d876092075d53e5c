/**
 * The compiled kernels: two builds of one AssemblyScript program, with plain SIMD and with relaxed
 * multiply-add, of which the best that the engine takes is used.
 *
 * @module
 */
import { BackendError } from "../../errors.ts";
import { RELAXED, SIMD } from "./generated/kernels.ts";
import { heapStart, MOST_PAGES, PAGE } from "./layout.ts";

/** Runs tasks first to last - 1 of the call whose arguments lie at an address. */
export type Entry = (address: number, first: number, last: number) => void;

/** Compiled kernels on a memory. */
export interface KernelModule {
  readonly compiled: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Names of the entries, sorted; threads know an entry by its place. */
  readonly names: readonly string[];
  readonly entries: readonly Entry[];
  /** Which build it is, for people. */
  readonly build: "SIMD" | "relaxed SIMD";
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/** Which builds to try, best first. */
const BUILDS = [["relaxed SIMD", RELAXED], ["SIMD", SIMD]] as const;

async function compile(): Promise<Pick<KernelModule, "compiled" | "build">> {
  if (typeof WebAssembly !== "object") {
    throw new BackendError("Cannot open the cpu device: this engine has no WebAssembly");
  }
  for (const [build, base64] of BUILDS) {
    const bytes = bytesOf(base64);
    if (WebAssembly.validate(bytes)) return { build, compiled: await WebAssembly.compile(bytes) };
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

/** Compiles the kernels and makes their memory. */
export async function loadModule(threads: number): Promise<KernelModule> {
  const { compiled, build } = await compile();
  const memory = reserve(threads);
  const { exports } = await WebAssembly.instantiate(compiled, {
    env: { memory, abort: (): void => {} },
  });
  const names = WebAssembly.Module.exports(compiled)
    .filter(({ kind, name }) => kind === "function" && name !== "start")
    .map(({ name }) => name)
    .sort();
  (exports["start"] as (thread: number) => void)(0);
  const entries = names.map((name) => exports[name] as Entry);
  return { compiled, memory, names, entries, build };
}
