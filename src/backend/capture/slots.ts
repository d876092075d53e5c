/**
 * Slots: buffers in which the values of a step lie beside and after each other. Values are placed in
 * an order that is given, each where its slot grows least, and there into the tightest gap that is
 * free while it lives (Pisarchyk, Lee: "Efficient memory management for deep neural net inference",
 * 2020, section 5.2, with several slots in the place of one).
 *
 * @module
 */
import type { Lifetime } from "./lifetimes.ts";

/** Values begin at multiples of so many bytes: WebGPU's default limit, and whole cache lines. */
export const ALIGNMENT = 256;
/** Bytes that several values take together at most: a whole slot can be bound on every device. */
export const MOST_BYTES: number = 128 * 2 ** 20;
/** Bytes that are bound of an empty value. */
const SMALLEST = 16;

/** Where the values lie. */
export interface Slots {
  /** The slot of each value. */
  readonly slotOf: readonly number[];
  /** Where it begins there, in bytes. */
  readonly offsets: readonly number[];
  /** How large the slots are. */
  readonly bytes: readonly number[];
}

/** Values by number, each with those that may not lie in its slot. */
export interface Placing {
  readonly lifetimes: readonly Lifetime[];
  readonly apart: readonly ReadonlySet<number>[];
}

/** Bytes of a place, with what is lost to the next. Empty values have one, too. */
export function placeBytes(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / ALIGNMENT)) * ALIGNMENT;
}

/** Bytes of all slots. */
export function totalBytes({ bytes }: Slots): number {
  return bytes.reduce((sum, size) => sum + size, 0);
}

/** A place for a value in a slot. */
interface Fit {
  readonly slot: number;
  readonly offset: number;
  /** By how much the slot grows. */
  readonly growth: number;
  /** Bytes of the gap that is filled. */
  readonly gap: number;
}

/** Places the values in this order. */
export function placeInOrder({ lifetimes, apart }: Placing, order: readonly number[]): Slots {
  const slotOf = new Array<number>(lifetimes.length).fill(-1);
  const offsets = new Array<number>(lifetimes.length).fill(0);
  const ends: number[] = [];
  /** The values of each slot, by offset. */
  const tenants: number[][] = [];

  /** The best place in a slot; undefined where the slot would become too large. */
  function fitIn(slot: number, value: number): Fit | undefined {
    const { bytes, first, last } = lifetimes[value]!, size = placeBytes(bytes), end = ends[slot]!;
    let from = 0, offset = -1, gap = Infinity;
    const tryUpTo = (to: number): void => {
      if (to - from < size || to - from >= gap) return;
      offset = from;
      gap = to - from;
    };
    for (const tenant of tenants[slot]!) {
      const other = lifetimes[tenant]!;
      if (last < other.first || other.last < first) continue;
      tryUpTo(offsets[tenant]!);
      from = Math.max(from, offsets[tenant]! + placeBytes(other.bytes));
    }
    tryUpTo(end);
    if (offset >= 0) return { slot, offset, growth: 0, gap };
    const growth = from + size - end;
    return from + size > MOST_BYTES ? undefined : { slot, offset: from, growth, gap: end - from };
  }

  for (const value of order) {
    const size = placeBytes(lifetimes[value]!.bytes);
    const barred = new Set([...apart[value]!].map((other) => slotOf[other]!));
    let best: Fit | undefined;
    for (let slot = 0; slot < ends.length; slot++) {
      const fit = barred.has(slot) ? undefined : fitIn(slot, value);
      if (fit !== undefined && (best === undefined || isBetter(fit, best))) best = fit;
    }
    if (best === undefined) {
      best = { slot: ends.push(0) - 1, offset: 0, growth: size, gap: 0 };
      tenants.push([]);
    }
    const { slot, offset } = best, others = tenants[slot]!;
    slotOf[value] = slot;
    offsets[value] = offset;
    ends[slot] = Math.max(ends[slot]!, offset + size);
    const before = others.findIndex((other) => offsets[other]! > offset);
    others.splice(before < 0 ? others.length : before, 0, value);
  }
  // Behind the last value nothing has to be aligned.
  const bytes = tenants.map((values) => {
    return Math.max(...values.map((value) => {
      return offsets[value]! + Math.max(SMALLEST, lifetimes[value]!.bytes);
    }));
  });
  return { slotOf, offsets, bytes };
}

function isBetter(a: Fit, b: Fit): boolean {
  return a.growth < b.growth || a.growth === b.growth && a.gap < b.gap;
}
