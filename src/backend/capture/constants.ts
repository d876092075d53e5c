/**
 * What a step computes from constants alone comes out the same every time, so it is computed once:
 * the gradient that a mean gives to each example, and the like. What it finds and leaves as it is,
 * such as the parameters of a model in evaluation, counts as constant, too: what is made of it is
 * computed again when it has changed.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import type { NotedCall, Value } from "./notes.ts";

/**
 * Larger results would hold more memory between steps than computing them again costs time, except
 * where they are no larger than what they are made of.
 */
const MOST_ELEMENTS = 4096;

/** The calls of a step, apart. */
export interface Apart {
  /** Those that run once, in their order. */
  readonly once: readonly NotedCall[];
  /** Those that run in every step, in their order. */
  readonly always: readonly NotedCall[];
  /** Values from outside that those which run once read, and that somebody may change. */
  readonly sources: readonly number[];
}

/** Parts the calls. What is `pinned` to a buffer is computed in every step. */
export function partConstants(
  calls: readonly NotedCall[],
  values: readonly Value[],
  pinned: ReadonlySet<number>,
): Apart {
  const updated = new Set(calls.flatMap(({ kernel, outputs }) => {
    return outputs.slice(0, kernel.updates ?? 0).map(({ value }) => value);
  }));
  const constant = new Set<number>();
  values.forEach(({ origin: { kind } }, value) => {
    const isConstant = kind === "constant" || kind === "outside";
    if (isConstant && !updated.has(value)) constant.add(value);
  });
  const once: NotedCall[] = [], always: NotedCall[] = [];
  for (const call of calls) {
    const { inputs, outputs } = call;
    const most = Math.max(MOST_ELEMENTS, ...inputs.map(({ shape }) => sizeOf(shape)));
    const fits = inputs.every(({ value }) => constant.has(value)) &&
      outputs.every(({ value, shape }) => {
        return !updated.has(value) && !pinned.has(value) && sizeOf(shape) <= most;
      });
    (fits ? once : always).push(call);
    if (fits) { for (const { value } of outputs) constant.add(value); }
  }
  const sources = new Set(once.flatMap(({ inputs }) => inputs.map(({ value }) => value)));
  return {
    once,
    always,
    sources: [...sources].filter((value) => {
      const { origin: { kind }, buffer } = values[value]!;
      return kind === "outside" && !buffer.isConstant;
    }),
  };
}
