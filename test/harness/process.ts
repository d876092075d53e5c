// The Node and the Deno phase: a child process that runs the test files through entry.ts.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { root } from "../../scripts/tools.ts";
import { tally } from "./events.ts";
import type { Tally, TestEvent } from "./events.ts";

export interface ProcessPhase {
  readonly files: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const entry = join(root, "test/harness/entry.ts");

export function runInNode(phase: ProcessPhase): Promise<Tally> {
  // By NODE_OPTIONS and not by argument, so that the workers of the tests load TypeScript too.
  const nodeOptions = `${process.env["NODE_OPTIONS"] ?? ""} --import tsx`.trim();
  const environment = { ...phase.environment, NODE_OPTIONS: nodeOptions };
  return run([process.execPath, entry], { ...phase, environment });
}

export function runInDeno(deno: string, phase: ProcessPhase): Promise<Tally> {
  const environment = { ...phase.environment, DENO_NO_UPDATE_CHECK: "1" };
  return run([deno, "run", "--allow-all", entry], { ...phase, environment });
}

async function run(command: readonly string[], phase: ProcessPhase): Promise<Tally> {
  const cache = join(root, ".cache");
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "events-"));
  try {
    const events = join(folder, "events.jsonl");
    const end = await finish([...command, events, ...phase.files], phase);
    return tally(existsSync(events) ? parse(await readFile(events, "utf8")) : [], end);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function parse(lines: string): TestEvent[] {
  return lines.split("\n").filter(Boolean).map((line) => JSON.parse(line) as TestEvent);
}

/** Waits for the child; returns how it ended where that was not well. */
function finish(command: readonly string[], phase: ProcessPhase): Promise<string | undefined> {
  const [file = "", ...args] = command;
  // Its own process group, so that stopping it stops what it has started.
  const detached = process.platform !== "win32";
  const child = spawn(file, args, {
    cwd: root,
    env: { ...process.env, ...phase.environment },
    stdio: ["ignore", "inherit", "inherit"],
    detached,
  });
  function stop(): void {
    try {
      if (detached && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      else child.kill("SIGKILL");
    } catch {
      // It has ended in the meantime.
    }
  }
  if (phase.signal.aborted) stop();
  phase.signal.addEventListener("abort", stop, { once: true });
  return new Promise((resolve) => {
    function settle(end: string | undefined): void {
      phase.signal.removeEventListener("abort", stop);
      resolve(phase.signal.aborted ? String(phase.signal.reason) : end);
    }
    child.once("error", (error) => settle(error.message));
    child.once(
      "exit",
      (code, signal) => settle(code === 0 ? undefined : `with ${signal ?? `code ${code}`}`),
    );
  });
}
