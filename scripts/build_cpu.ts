/**
 * Compiles the AssemblyScript programs of the cpu backend into a TypeScript file, so that no user
 * needs a compiler: the kernels twice, and how threads share work. With --check: fails when that
 * file is stale.
 *
 * Run: npm run build:cpu
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const KERNELS = "src/backend/cpu/program.as.ts";
const CREW = "src/backend/cpu/crew.as.ts";
const TARGET = join(ROOT, "src/backend/cpu/generated/kernels.ts");

async function compile(
  source: string,
  features: string,
  options: readonly string[],
): Promise<string> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main([
    source,
    "--outFile",
    "program.wasm",
    "-O3",
    "--runtime",
    "stub",
    "--importMemory",
    "--sharedMemory",
    "--initialMemory",
    "1",
    "--maximumMemory",
    "65536",
    "--enable",
    features,
    "--noAssert",
    ...options,
  ], {
    readFile: async (name, base) => {
      return await readFile(join(base === "." ? ROOT : join(ROOT, base), name), "utf8")
        .catch(() => null);
    },
    writeFile: (_name, contents) => void (binary = contents as Uint8Array),
    listFiles: () => [],
  });
  if (error !== null || binary === undefined) {
    throw new Error(String(stderr as unknown), { cause: error });
  }
  return Buffer.from(binary).toString("base64");
}

async function main(): Promise<number> {
  // Where their constants lie: STATIC in src/backend/cpu/layout.ts.
  const base = ["--memoryBase", "8192"];
  const simd = await compile(KERNELS, "simd,threads", base);
  const relaxed = await compile(KERNELS, "simd,threads,relaxed-simd", base);
  const crew = await compile(CREW, "threads", ["--importTable"]);
  const text = `/**
 * Compiled from the AssemblyScript files (*.as.ts) by \`npm run build:cpu\`. Do not edit.
 *
 * @module
 */

/** The kernels with SIMD and threads, base64. */
export const SIMD: string = "${simd}";

/** The kernels with relaxed multiply-add as well, base64. */
export const RELAXED: string = "${relaxed}";

/** How threads share work, base64. */
export const CREW: string = "${crew}";
`;
  if (process.argv.includes("--check")) {
    if (await readFile(TARGET, "utf8").catch(() => "") === text) return 0;
    console.error("Cannot accept generated/kernels.ts: it is stale, run: npm run build:cpu");
    return 1;
  }
  await mkdir(dirname(TARGET), { recursive: true });
  await writeFile(TARGET, text);
  console.log(
    `generated/kernels.ts: ${Math.round(simd.length * 0.75)} and ${
      Math.round(relaxed.length * 0.75)
    } bytes`,
  );
  return 0;
}

process.exitCode = await main();
