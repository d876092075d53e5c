// Runs test files on the platform that this module is loaded on, one after the other. It takes the place of uvu's own
// runner, which stops at the first file that cannot be loaded and hides what hooks throw.

import type { TestEvent } from "./events.ts";

export interface TestFile {
  readonly name: string;
  readonly load: () => Promise<unknown>;
}

export interface Output {
  readonly write: (text: string) => void;
  readonly report: (event: TestEvent) => void;
}

/** uvu queues one such function for each `suite.run()`: [its report of the failures or true, passed, skipped, total]. */
type Suite = () => Promise<[string | true, number, number, number]>;

interface UvuGlobals {
  UVU_DEFER?: number;
  UVU_INDEX?: number;
  UVU_QUEUE?: Suite[][];
}

const uvu = globalThis as typeof globalThis & UvuGlobals;

/** Keeps uvu from running suites by itself. Call it before anything imports uvu. */
export function takeOver(): void {
  uvu.UVU_DEFER = 1;
  uvu.UVU_QUEUE = [];
}

export async function collect(files: readonly TestFile[], output: Output): Promise<void> {
  const queue = uvu.UVU_QUEUE;
  if (queue === undefined) throw new Error("Cannot collect tests: takeOver() must be called first");
  for (const file of files) {
    uvu.UVU_INDEX = queue.push([]) - 1;
    output.report({ kind: "file", file: file.name });
    output.write(`${file.name}\n`);
    try {
      await file.load();
      await runSuites(queue[uvu.UVU_INDEX] ?? [], output);
    } catch (error) {
      broken(describe(error), output);
    }
  }
  output.report({ kind: "finished" });
}

async function runSuites(suites: readonly Suite[], output: Output): Promise<void> {
  if (suites.length === 0) broken("The file runs no suite: test.run() may be missing", output);
  for (const suite of suites) {
    output.write("  ");
    const [errors, passed, skipped, total] = await suite();
    if (errors !== true) output.write(`\n${errors}\n`);
    output.report({ kind: "suite", passed, failed: total - passed, skipped });
    // uvu drops the error of a before hook, and of anything thrown that is not an Error.
    if (errors === true && passed < total) {
      output.write(`  A hook threw, or a test threw no Error: ${total - passed} tests were lost\n`);
    }
    if (total + skipped === 0) broken("The suite holds no test", output);
  }
}

function broken(message: string, output: Output): void {
  output.write(`\n  ${message}\n\n`);
  output.report({ kind: "broken", message });
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return `Something that is no Error was thrown: ${String(error)}`;
  // V8 stacks begin with the name and the message; other engines' do not.
  const stack = error.stack ?? "";
  return stack.includes(error.message) ? stack : `${error.name}: ${error.message}\n${stack}`;
}
