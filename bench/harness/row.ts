/**
 * One work on all devices.
 *
 * @module
 */
import type { Device } from "../../src/backend/mod.ts";
import type { BenchDevice } from "./devices.ts";
import type { Budget } from "./measure.ts";
import { type Outcome, timeWork } from "./outcome.ts";
import { formatAmount } from "./format.ts";
import { costOf, type Work } from "./work.ts";

/** The reference device computes no more for a comparison, in operations. */
const COMPARED = 8e9;

/** How works are run. */
export interface Setting {
  readonly reference: Device;
  readonly devices: readonly BenchDevice[];
  readonly budget: Budget;
  /** Operations of the largest work, on any device. */
  readonly limit: number;
  /** The time, as performance.now() tells it, after which nothing new is begun. */
  readonly deadline: number;
}

/** Why a work is left out on all devices; undefined when it is not. */
export function reasonAgainst(
  work: Work,
  { limit, deadline }: Pick<Setting, "limit" | "deadline">,
): string | undefined {
  if (costOf(work) > limit) return `more than ${formatAmount(limit, "")} operations`;
  if (work.expectedCost > COMPARED) return "the reference device would take too long to check it";
  return performance.now() > deadline ? "the time is up" : undefined;
}

/** Times a work on every device and hands out each outcome as soon as it is there. */
export async function* timeRow(
  work: Work,
  { reference, devices, budget }: Setting,
): AsyncGenerator<readonly [string, Outcome]> {
  const expected = await work.expected(reference).catch((error: unknown) => String(error));
  for (const { name, device, limit, patience = 1 } of devices) {
    if (costOf(work) > limit) {
      const why = `more than the ${formatAmount(limit, "")} operations that it gets`;
      yield [name, { kind: "left out", why }];
    } else if (typeof expected === "string") {
      yield [name, { kind: "failed", why: `the reference device: ${expected}` }];
    } else {
      const own = { ...budget, total: budget.total * patience };
      yield [name, await timeWork(work, device, { budget: own, expected })];
    }
  }
}
