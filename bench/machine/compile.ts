/**
 * Compiles the loops that measure the machine, for what this engine can run.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { compileRelaxed } from "../../src/backend/platform/node_simd.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

const SOURCE = "bench/machine/loops.as.ts";

/** Pages of 64 KiB of their memory. */
export const PAGES: number = 3073;

/** The builds of the cpu device, best first: what it takes here is what the loops take. */
const BUILDS = [["relaxed SIMD", "simd,threads,relaxed-simd"], ["SIMD", "simd,threads"]] as const;

/** Compiled loops. */
export interface Loops {
  readonly module: WebAssembly.Module;
  readonly build: "SIMD" | "relaxed SIMD";
}

/** The best build that this engine takes. */
export async function compileLoops(): Promise<Loops> {
  for (const [build, features] of BUILDS) {
    const bytes = await compile(features);
    if (WebAssembly.validate(bytes)) return { build, module: await WebAssembly.compile(bytes) };
    const module = compileRelaxed(bytes);
    if (module !== undefined) return { build, module };
  }
  throw new Error("Cannot measure the machine: this engine has no WebAssembly SIMD with threads");
}

async function compile(features: string): Promise<Uint8Array<ArrayBuffer>> {
  let binary: Uint8Array | undefined;
  const output = ["--outFile", "loops.wasm", "-O3", "--runtime", "stub", "--noAssert"];
  const memory = ["--importMemory", "--sharedMemory", "--initialMemory", "1"];
  const limits = ["--maximumMemory", `${PAGES}`, "--enable", features];
  const { error, stderr } = await asc.main([SOURCE, ...output, ...memory, ...limits], {
    readFile: (name, base) => {
      return readFile(join(base === "." ? root : join(root, base), name), "utf8").catch(() => null);
    },
    writeFile: (_name, contents) => void (binary = contents as Uint8Array),
    listFiles: () => [],
  });
  if (error === null && binary !== undefined) return new Uint8Array(binary);
  throw new Error(String(stderr as unknown), { cause: error });
}
