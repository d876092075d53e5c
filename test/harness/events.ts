// What a platform tells the harness while it runs the test files, and how the harness counts it.

export type TestEvent =
  /** A file is about to be loaded: names the culprit when nothing comes after it. */
  | { readonly kind: "file"; readonly file: string }
  /** A suite has run. */
  | {
    readonly kind: "suite";
    readonly passed: number;
    readonly failed: number;
    readonly skipped: number;
  }
  /** Something failed outside any test: a file that cannot be loaded, a hook that threw. */
  | { readonly kind: "broken"; readonly message: string }
  /** All files have run. Without it the run counts as failed, whatever passed before. */
  | { readonly kind: "finished" };

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What went wrong with the run itself; counted in `failed`. */
  readonly problem?: string;
}

/** Counts the events of one platform; `end` is how its run ended where that was not by itself. */
export function tally(events: readonly TestEvent[], end?: string): Tally {
  let [passed, failed, skipped] = [0, 0, 0];
  for (const event of events) {
    if (event.kind === "broken") failed++;
    if (event.kind !== "suite") continue;
    passed += event.passed;
    failed += event.failed;
    skipped += event.skipped;
  }
  const problem = problemOf(events, end) ?? (passed + failed === 0 ? "No test ran" : undefined);
  if (problem === undefined) return { passed, failed, skipped };
  return { passed, failed: failed + 1, skipped, problem };
}

function problemOf(events: readonly TestEvent[], end: string | undefined): string | undefined {
  if (events.at(-1)?.kind === "finished") {
    return end === undefined ? undefined : `All files ran, but the run ended badly: ${end}`;
  }
  const last = events.findLast((event) => event.kind === "file");
  return `The run did not finish: it ended ${last ? `in ${last.file}` : "before the first file"}, ${
    end ?? "without a reason"
  }`;
}
