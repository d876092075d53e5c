/**
 * How long the values of a step need memory, and which of them a call has in its hands.
 *
 * @module
 */
import { bytesPer } from "../../dtype.ts";
import type { NotedCall, Value } from "./notes.ts";

/** A value that needs memory from step `first` to step `last`, both included. */
export interface Lifetime {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/** What a call reads and what it writes: places in a list of lifetimes. */
export interface Access {
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}

/** From the first to the last call that touches each value; undefined where none does. */
export function lifetimesOf(
  values: readonly Value[],
  calls: readonly NotedCall[],
  results: ReadonlySet<number>,
): (Lifetime | undefined)[] {
  const first = new Map<number, number>(), last = new Map<number, number>();
  calls.forEach(({ inputs, outputs }, call) => {
    for (const { value } of [...inputs, ...outputs]) {
      if (!first.has(value)) first.set(value, call);
      last.set(value, call);
    }
  });
  for (const value of results) {
    first.set(value, first.get(value) ?? 0);
    last.set(value, calls.length);
  }
  return values.map(({ origin, buffer }, value) => {
    const begin = first.get(value);
    if (begin === undefined) return undefined;
    return {
      bytes: buffer.size * bytesPer(buffer.dtype),
      first: origin.kind === "argument" ? -1 : begin,
      last: last.get(value)!,
    };
  });
}

/** What each call reads and writes of the values that are planned. */
export function accessesOf(calls: readonly NotedCall[], planned: readonly number[]): Access[] {
  const places = new Map(planned.map((value, place) => [value, place]));
  const placesOf = (operands: NotedCall["inputs"]): number[] => {
    return operands.flatMap(({ value }) => places.get(value) ?? []);
  };
  return calls.map(({ inputs, outputs }) => {
    return { reads: placesOf(inputs), writes: placesOf(outputs) };
  });
}

/** Most bytes that live at the same time: no plan can take less. */
export function liveBytes(lifetimes: readonly Lifetime[]): number {
  return lifetimes.reduce((most, { first }) => {
    const living = lifetimes.filter((it) => it.first <= first && first <= it.last);
    return Math.max(most, living.reduce((sum, { bytes }) => sum + bytes, 0));
  }, 0);
}
