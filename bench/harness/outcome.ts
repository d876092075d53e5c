/**
 * One work on one device: first the comparison, then the clock.
 *
 * @module
 */
import type { Device } from "../../src/backend/mod.ts";
import type { TypedArray } from "../../src/dtype.ts";
import { compare } from "./compare.ts";
import { formatTime } from "./format.ts";
import { type Budget, measure, type Timing } from "./measure.ts";
import type { Subject, Work } from "./work.ts";

/** Works whose first call took longer, in milliseconds, are not timed. */
const PATIENCE = 8_000;

/** A work whose result was right. */
export interface Measured {
  readonly kind: "measured";
  readonly timing: Timing;
  /** The worst error as a share of what is allowed. */
  readonly worst: number;
  /** Sum of the absolute values of the first result, to compare with other engines. */
  readonly check: number;
  /** Billions of operations a second. */
  readonly gflops: number;
  /** Billions of bytes a second, every operand and result counted once. */
  readonly gbs: number;
  /** What the device counted per call: kernels, dispatches, submits. */
  readonly counts: Readonly<Record<string, number>>;
}

/** What became of a work on a device. */
export type Outcome =
  | Measured
  | { readonly kind: "left out" | "failed"; readonly why: string };

/** What a device has counted so far. */
function countsOf({ ledger }: Device): Map<string, number> {
  const kernels = [...ledger.calls.values()].reduce((sum, count) => sum + count, 0);
  return new Map([["kernels", kernels], ["readbacks", ledger.readbacks], ...ledger.counters]);
}

/** What it counted since, per call. */
function countsPerCall(
  device: Device,
  before: ReadonlyMap<string, number>,
  calls: number,
): Readonly<Record<string, number>> {
  const grown = [...countsOf(device)].map(([name, count]) => {
    return [name, (count - (before.get(name) ?? 0)) / calls] as const;
  });
  return Object.fromEntries(grown.filter(([, count]) => count > 0));
}

/** Compares a work with what is expected of it; only when it matches, times it. */
export async function timeWork(
  work: Work,
  device: Device,
  options: { readonly budget: Budget; readonly expected: readonly TypedArray[] },
): Promise<Outcome> {
  let subject: Subject | undefined;
  try {
    const placed = subject = work.prepare(device);
    const started = performance.now();
    const results = await placed.results();
    const first = performance.now() - started;
    const { worst, problem } = compare(work.compared(results), options.expected, work.tolerance);
    if (problem !== undefined) return { kind: "failed", why: `the result is wrong: ${problem}` };
    if (first > PATIENCE) {
      return { kind: "left out", why: `right, but it took ${formatTime(first)}` };
    }
    const before = countsOf(device);
    let calls = 0;
    const call = (): void | Promise<void> => {
      calls++;
      return placed.call();
    };
    const timing = await measure({ call, sync: () => device.sync() }, options.budget);
    const counts = countsPerCall(device, before, calls);
    const perMillisecond = 1e-6 / timing.median;
    const gflops = work.flops * perMillisecond, gbs = work.bytes * perMillisecond;
    let check = 0;
    for (const value of results[0]!) check += Math.abs(value);
    return { kind: "measured", timing, worst, check, gflops, gbs, counts };
  } catch (error) {
    return { kind: "failed", why: error instanceof Error ? error.message : String(error) };
  } finally {
    subject?.close();
  }
}
