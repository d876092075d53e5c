/**
 * Timing. Small calls are timed in batches, so that a batch takes longer than the wait at its end;
 * what is reported is the time of one call.
 *
 * @module
 */

/** What is timed. */
export interface Timed {
  /** One call; may return before the work is done. */
  call(): void | Promise<void>;
  /** Waits until all calls are done. */
  sync(): Promise<void>;
}

/** Milliseconds per call, over runs. */
export interface Timing {
  readonly median: number;
  readonly min: number;
  readonly p10: number;
  readonly p90: number;
  readonly runs: number;
  /** Calls in a run; the device is waited for after the last one. */
  readonly callsPerRun: number;
}

/** How long to time. */
export interface Budget {
  /** Milliseconds for all runs of a call. */
  readonly total: number;
  /** Shortest run; as many calls are made. */
  readonly run: number;
}

const MOST_CALLS = 1000;
const MOST_RUNS = 200;
const FEWEST_RUNS = 3;
/** Slow calls get fewer runs than three once they took so many times the budget. */
const PATIENCE = 12;

/** The value that a share `p` of the sorted numbers is not above, between neighbours linearly. */
export function quantile(sorted: readonly number[], p: number): number {
  const place = p * (sorted.length - 1), low = Math.floor(place);
  const a = sorted[low]!, b = sorted[Math.min(low + 1, sorted.length - 1)]!;
  return a + (b - a) * (place - low);
}

/** Median and spread. */
export function summarize(times: readonly number[], callsPerRun: number): Timing {
  const sorted = [...times].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    min: sorted[0]!,
    p10: quantile(sorted, 0.1),
    p90: quantile(sorted, 0.9),
    runs: times.length,
    callsPerRun,
  };
}

async function run(timed: Timed, calls: number): Promise<number> {
  const started = performance.now();
  for (let i = 0; i < calls; i++) {
    const pending = timed.call();
    if (pending !== undefined) await pending;
  }
  await timed.sync();
  return performance.now() - started;
}

/** Warms up while it finds how many calls make a run, then times runs until the budget is spent. */
export async function measure(timed: Timed, budget: Budget): Promise<Timing> {
  let calls = 1, elapsed = await run(timed, calls);
  while (true) {
    // A short run may be long by chance, in its first call above all; then look again.
    if (elapsed < 10 * budget.run) elapsed = Math.min(elapsed, await run(timed, calls));
    if (elapsed >= budget.run || calls === MOST_CALLS) break;
    const growth = Math.min(Math.max(1.2 * budget.run / elapsed, 2), 10);
    calls = Math.min(Math.ceil(calls * growth), MOST_CALLS);
    elapsed = await run(timed, calls);
  }
  // The last run of the warm-up has the right length, so it is the first that counts.
  const times = [elapsed / calls];
  for (let spent = elapsed; times.length < MOST_RUNS; spent += elapsed) {
    if (spent >= budget.total * (times.length < FEWEST_RUNS ? PATIENCE : 1)) break;
    elapsed = await run(timed, calls);
    times.push(elapsed / calls);
  }
  return summarize(times, calls);
}
