// Programs of their own process, in Node and in Deno, and how they end.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { build } from "esbuild";
import { findDeno, root } from "../../scripts/tools.ts";

/** Where there is one. */
export const deno: string | undefined = await findDeno().catch(() => undefined);

export type Engine = "Node" | "Deno";

/** How a program ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  /** Milliseconds from the last line that it wrote to its end. */
  readonly delay: number;
  /** What it has left in the folder for temporary files. */
  readonly files: readonly string[];
  /** Whether a process of its group is still there. */
  readonly alive: boolean;
}

/** Milliseconds after which a program counts as hanging. */
const HANGS = 60_000;

function exists(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}

/** One file of JavaScript, as users run it: loaders would have processes of their own. */
async function bundle(source: string, engine: Engine): Promise<string> {
  const { outputFiles: [file] } = await build({
    stdin: { contents: source, resolveDir: root, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    conditions: engine === "Deno" ? ["deno"] : [],
    external: ["webgpu"],
    logLevel: "silent",
  });
  return file!.text;
}

/** How to run a program. */
export interface ProgramOptions {
  /** Sent to it a moment after its first line. */
  readonly kill?: NodeJS.Signals;
  /** Options of the engine. Default: what lets a program call gc(). */
  readonly flags?: readonly string[];
}

/** Runs a program; its imports are relative to the folder of the project. */
export async function runProgram(
  engine: Engine,
  source: string,
  { kill, flags = engine === "Deno" ? ["--v8-flags=--expose-gc"] : ["--expose-gc"] }:
    ProgramOptions = {},
): Promise<End> {
  const home = mkdtempSync(join(tmpdir(), "tapegrad-"));
  const program = join(home, "program.mjs"), temporary = join(home, "temporary");
  mkdirSync(temporary);
  writeFileSync(program, await bundle(source, engine));
  const [file, ...args] = engine === "Deno"
    ? [deno!, "run", "--allow-all", ...flags]
    : [process.execPath, ...flags];
  const child = spawn(file!, [...args, program], {
    env: { ...process.env, NODE_OPTIONS: "", TMPDIR: temporary, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own, to see what of it is left.
    detached: true,
  });
  const stop = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), HANGS);
  let output = "", last = performance.now();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      if (output === "" && kill !== undefined) setTimeout(() => child.kill(kill), 150);
      output += text;
      last = performance.now();
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(stop);
      const delay = performance.now() - last - (kill === undefined ? 0 : 150);
      const alive = exists(child.pid!);
      const files = readdirSync(temporary);
      rmSync(home, { recursive: true });
      resolve({ code, signal, output: output.trim(), delay, files, alive });
    });
  });
}
