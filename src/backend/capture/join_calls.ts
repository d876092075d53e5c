/**
 * Two calls that share operands and most of their work become one, where their kernels say how: a
 * loss and its gradient.
 *
 * @module
 */
import { samePlain } from "../plain.ts";
import { CallGraph } from "./call_graph.ts";
import type { NotedCall } from "./notes.ts";

/** The list with joined calls: the same values from the same arithmetic. */
export function joinCalls(calls: readonly NotedCall[]): readonly NotedCall[] {
  const graph = new CallGraph(calls), joined = new Map<number, NotedCall>();
  calls.forEach((call, at) => {
    const { joins } = call.kernel;
    if (joins === undefined) return;
    const other = calls.findIndex((it, k) => !joined.has(graph.groupOf(k)) && areJoint(call, it));
    if (other < 0 || !graph.canMerge(at, other)) return;
    graph.merge(at, other);
    const outputs = [...call.outputs, ...calls[other]!.outputs];
    joined.set(at, { ...call, kernel: joins.both(), outputs });
  });
  return graph.ordered().map((group) => joined.get(group) ?? calls[graph.membersOf(group)[0]!]!);
}

function areJoint({ kernel: { joins }, inputs, params }: NotedCall, other: NotedCall): boolean {
  return other.kernel === joins!.kernel && samePlain(params, other.params) &&
    inputs.slice(0, joins!.shared).every(({ value }, k) => value === other.inputs[k]!.value);
}
