/**
 * A peer's turn: one process of the harness, on the works of a group.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import type { PeerLine } from "./line.ts";
import type { Entry } from "./plan.ts";

/** How long peers may take. */
export interface Limits {
  /** Runs of a work at least, unless they take too long. */
  readonly runs: number;
  /** Milliseconds for the runs of a work. PyTorch takes 1.5 s whatever is asked. */
  readonly milliseconds: number;
  /** Seconds after which a peer is stopped. */
  readonly patience: number;
}

/** Runs a peer; a peer that fails leaves lines that say so. */
export async function takeTurn(
  harness: string,
  { peer, host, works }: Entry,
  limits: Limits,
): Promise<readonly Omit<PeerLine, "round" | "group">[]> {
  const what = ["--peer", peer, "--host", host, "--work", works.join(",")];
  const howLong = ["--runs", `${limits.runs}`, "--maxms", `${limits.milliseconds}`];
  const { output, problem } = await run(harness, [...what, ...howLong], limits.patience);
  const lines = output.split("\n").filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as PeerLine);
  const missing = works.filter((work) => !lines.some((line) => line.work === work));
  return [
    ...lines,
    ...missing.map((work) => ({ peer, host, work, status: "failed", error: problem }) as const),
  ];
}

function run(
  harness: string,
  args: readonly string[],
  patience: number,
): Promise<{ readonly output: string; readonly problem: string }> {
  return new Promise((resolve) => {
    // What engines print goes to the error output, and is theirs alone.
    const child = spawn(process.execPath, [join(harness, "run.mjs"), ...args], {
      cwd: harness,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: patience * 1000,
      killSignal: "SIGKILL",
    });
    let output = "", chatter = "";
    child.stdout.on("data", (data) => void (output += String(data)));
    child.stderr.on("data", (data) => void (chatter = (chatter + String(data)).slice(-400)));
    child.on("close", (code, signal) => {
      const reason = signal === null ? `it ended with code ${code}` : `more than ${patience} s`;
      resolve({ output, problem: `${reason}: ${chatter.trim().split("\n").at(-1) ?? ""}` });
    });
  });
}
