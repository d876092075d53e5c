// Runs the tests on every platform: Node with Dawn, Deno with wgpu, Chromium; WebGPU runs on a software adapter.
//
//   tsx test/run.ts [--only node|deno|chromium] [--hardware] [--minutes 10] [pattern]
//
// `pattern` is a regular expression for the paths of the test files. `--hardware` uses this machine's own adapter in Node
// and Deno. `--minutes` is how long one platform may take: far more than it needs, for tests that hang. With CI=true whatever has to be skipped counts as a failure. The last line is "N passed, N failed".

import { readdirSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { findDeno, root } from "../scripts/tools.ts";
import { runInChromium } from "./harness/chromium.ts";
import type { Tally } from "./harness/events.ts";
import { runInDeno, runInNode } from "./harness/process.ts";
import { softwareAdapter } from "./support/software_adapter.ts";

/** Runs test files until they end or the signal stops them; returns a line of text where the platform cannot be had. */
type Phase = (files: readonly string[], signal: AbortSignal) => Promise<Tally | string>;

const phases: Readonly<Record<string, Phase>> = {
  node: async (files, signal) => runInNode({ files, signal, environment: await webgpu() }),
  deno: async (files, signal) => {
    const deno = await findDeno().catch((error: Error) => error);
    if (deno instanceof Error) return deno.message;
    return runInDeno(deno, { files, signal, environment: await webgpu() });
  },
  chromium: async (files, signal) => {
    const adapter = await softwareAdapter();
    return typeof adapter === "string" ? adapter : runInChromium(adapter.chromium, files, signal);
  },
};

const { values: options, positionals: [pattern = ""] } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string" },
    hardware: { type: "boolean", default: false },
    minutes: { type: "string", default: "10" },
  },
});
const platforms = Object.keys(phases).filter((name) => name === (options.only ?? name));
if (platforms.length === 0) {
  throw new RangeError(`Cannot run only ${options.only}: it is no platform`);
}

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(name, () => {
    process.exitCode = 128 + constants.signals[name];
    interrupt.abort(`stopped by ${name}`);
  });
}

const total = { passed: 0, failed: 0 };
for (const name of platforms) {
  if (!interrupt.signal.aborted) await run(name);
}
if (total.passed + total.failed === 0) {
  console.error("No test ran");
  total.failed++;
}
if (total.failed > 0) process.exitCode ||= 1;
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`, () => process.exit());

async function run(name: string): Promise<void> {
  console.log(`== ${name} ==`);
  const files = testFiles(name);
  if (files.length === 0 && pattern !== "") {
    console.log(`${name}: no file matches ${pattern}\n`);
    return;
  }
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(`stopped after ${options.minutes} minutes`),
    Number(options.minutes) * 60_000,
  );
  const started = performance.now();
  const result = await phases[name]!(files, AbortSignal.any([interrupt.signal, limit.signal]));
  clearTimeout(timer);
  if (typeof result === "string") {
    skip(name, result);
    return;
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { passed, failed, skipped, problem } = result;
  if (problem !== undefined) console.error(`\n${problem}`);
  console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds} s\n`);
  total.passed += passed;
  total.failed += failed;
}

/** The test files of a platform; those in test/node need Node's file system. */
function testFiles(name: string): string[] {
  const expression = new RegExp(pattern);
  return readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .map((path) => `test/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".test.ts") && expression.test(path))
    .filter((path) => name === "node" || !path.startsWith("test/node/"))
    .sort();
}

/** The environment in which the tests find an adapter. Without one they test the CPU alone. */
async function webgpu(): Promise<Record<string, string>> {
  // What somebody measured on this machine does not change what is tested.
  const tested = { TAPEGRAD_TEST_WEBGPU: "1", TAPEGRAD_TUNING: "off" };
  if (options.hardware) return tested;
  const adapter = await softwareAdapter();
  if (typeof adapter !== "string") return { ...adapter.environment, ...tested };
  skip("WebGPU", adapter);
  return {};
}

function skip(what: string, reason: string): void {
  console.log(`${what} skipped: ${reason}\n`);
  if (process.env["CI"] === "true") total.failed++;
}
