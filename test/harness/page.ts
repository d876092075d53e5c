// Runs the bundled test files in a browser's page and tells the harness, which has put two functions into the page.

import { collect, takeOver } from "./collect.ts";
import type { TestFile } from "./collect.ts";
import type { TestEvent } from "./events.ts";

interface PageGlobals {
  tapegradWrite(text: string): Promise<void>;
  tapegradReport(event: TestEvent): Promise<void>;
}

export async function runInPage(files: readonly TestFile[]): Promise<void> {
  const harness = globalThis as unknown as PageGlobals;
  function write(text: string): void {
    void harness.tapegradWrite(text);
  }
  takeOver();
  // uvu takes console.log for its output when it is loaded; what tests log must not get mixed up with that.
  const log = console.log;
  console.log = write;
  await import("uvu");
  console.log = log;
  await collect(files, { write, report: (event) => void harness.tapegradReport(event) });
}
