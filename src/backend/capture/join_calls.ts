/**
 * Two calls that share operands and most of their work become one, where their kernels say how: a
 * loss and its gradient.
 *
 * @module
 */
import type { Joint } from "../../kernels/mod.ts";
import { samePlain } from "../plain.ts";
import { CallGraph } from "./call_graph.ts";
import type { NotedCall } from "./notes.ts";

/** The list with joined calls: the same values from the same arithmetic. */
export function joinCalls(calls: readonly NotedCall[]): readonly NotedCall[] {
  const graph = new CallGraph(calls), joined = new Map<number, NotedCall>();
  calls.forEach((call, at) => {
    for (const joint of call.kernel.joins ?? []) {
      const other = calls.findIndex((it, k) => {
        return !joined.has(graph.groupOf(k)) && fits(joint, call, it);
      });
      if (other < 0 || !graph.canMerge(at, other)) continue;
      graph.merge(at, other);
      const outputs = [...call.outputs, ...calls[other]!.outputs];
      joined.set(at, { ...call, kernel: joint.both(), outputs });
      return;
    }
  });
  return graph.ordered().map((group) => joined.get(group) ?? calls[graph.membersOf(group)[0]!]!);
}

function fits(
  { kernel, shared }: Joint<unknown>,
  { inputs, params }: NotedCall,
  other: NotedCall,
): boolean {
  return other.kernel === kernel && samePlain(params, other.params) &&
    inputs.slice(0, shared).every(({ value }, k) => value === other.inputs[k]!.value);
}
