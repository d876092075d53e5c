/**
 * One cpu program out of several, one after the other: for kernels that are a sequence of others.
 *
 * @module
 */
import type { CpuProgram, Spec } from "./kernel.ts";

/** A program, and where its inputs and outputs stand among the operands of the whole. */
export type CpuPart = readonly [program: CpuProgram | undefined, places: readonly number[]];

/**
 * The whole, whose kernel has `operands` inputs and outputs; undefined where a part is. What parts
 * hand on lies in `between`, whose places follow the operands.
 */
export function cpuSequence(
  operands: number,
  parts: readonly CpuPart[],
  between: readonly Spec[] = [],
): CpuProgram | undefined {
  const scratch = [...between];
  const calls: CpuProgram["calls"][number][] = [];
  for (const [program, places] of parts) {
    if (program === undefined) return undefined;
    const own = operands + scratch.length - places.length;
    scratch.push(...program.scratch ?? []);
    calls.push(...program.calls.map((call) => ({
      ...call,
      operands: call.operands.map((place) => places[place] ?? own + place),
    })));
  }
  return { scratch, calls };
}
