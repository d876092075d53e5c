/**
 * The ways of kernels that reduce: lanes of a workgroup that meet, which is for GPUs, and invocations
 * that work alone, for adapters on which waiting costs most.
 *
 * @module
 */
import type { Candidate, Program } from "../kernel.ts";
import { ALONE } from "./alone.ts";
import { type Lanes, type Spread, TOGETHER } from "./lanes.ts";

/**
 * Both ways, given how lanes are spread where they meet. They wait where an output has several, and
 * `always` where also outputs meet.
 */
export function spreadWays(
  { lanes, splits }: Lanes,
  program: (spread: Spread) => Program,
  always = false,
): readonly Candidate[] {
  const shares = splits === 1 ? "" : `, ${splits} shares`, waits = always || lanes > 1;
  return [
    { name: `${lanes} together${shares}`, waits, program: () => program(TOGETHER) },
    { name: "alone", waits: false, program: () => program(ALONE) },
  ];
}
