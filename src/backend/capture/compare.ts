/**
 * Whether a step did the same twice: the same kernels, parameters and operands in the same order.
 * What differs would be wrong in a replay.
 *
 * @module
 */
import { samePlain } from "../plain.ts";
import type { NotedCall, Notes, ValueOperand } from "./notes.ts";

/** The first difference between two notes, in words; undefined when there is none. */
export function firstDifference(before: Notes, now: Notes): string | undefined {
  for (let i = 0; i < Math.min(before.calls.length, now.calls.length); i++) {
    const difference = differenceOf([before, before.calls[i]!], [now, now.calls[i]!]);
    if (difference !== undefined) return `kernel ${i + 1}, ${difference}`;
  }
  if (before.calls.length === now.calls.length) return undefined;
  return `it ran ${now.calls.length} kernels, and ${before.calls.length} the time before`;
}

type Place = readonly [Notes, NotedCall];

function differenceOf([notesA, a]: Place, [notesB, b]: Place): string | undefined {
  const { name } = b.kernel;
  if (a.kernel !== b.kernel) return `${name}, was ${a.kernel.name} the time before`;
  if (!samePlain(a.params, b.params)) return `${name}, has other parameters than the time before`;
  const before = [...a.inputs, ...a.outputs], now = [...b.inputs, ...b.outputs];
  for (let i = 0; i < now.length; i++) {
    const what = difference([notesA, before[i]!], [notesB, now[i]!]);
    if (what !== undefined) return `${name}, operand ${i}: ${what}`;
  }
  return undefined;
}

type End = readonly [Notes, ValueOperand];

function difference([notesA, a]: End, [notesB, b]: End): string | undefined {
  if (!samePlain(a.shape, b.shape) || a.dtype !== b.dtype) return "has another shape or type";
  const before = notesA.values[a.value]!, now = notesB.values[b.value]!;
  const from = before.origin, to = now.origin;
  const other = "is another tensor than the time before; give it as an argument, " +
    "or update it in place";
  if (from.kind !== to.kind) return other;
  if (from.kind === "outside") return before.buffer === now.buffer ? undefined : other;
  if (from.kind === "constant" && to.kind === "constant") {
    return samePlain(Array.from(from.data), Array.from(to.data))
      ? undefined
      : "was uploaded with other numbers than the time before; give it as an argument, or make " +
        "it with hostValues()";
  }
  if (from.kind === "host") return undefined;
  return samePlain(from, to) ? undefined : other;
}
