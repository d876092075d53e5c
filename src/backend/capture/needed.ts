/**
 * Leaves out calls whose results nobody reads.
 *
 * @module
 */
import type { NotedCall, Notes } from "./notes.ts";

/** The calls that lead to the wanted values, or that update something from outside. */
export function neededCalls(notes: Notes, wanted: ReadonlySet<number>): readonly NotedCall[] {
  const needed = new Set(wanted);
  const kept: NotedCall[] = [];
  for (const call of [...notes.calls].reverse()) {
    const updates = call.outputs.slice(0, call.kernel.updates ?? 0);
    const changes = updates.some(({ value }) => notes.values[value]!.origin.kind !== "made");
    if (!changes && !call.outputs.some(({ value }) => needed.has(value))) continue;
    for (const { value } of [...call.inputs, ...updates]) needed.add(value);
    kept.push(call);
  }
  return kept.reverse();
}
