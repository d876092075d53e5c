/**
 * Planning of memory: values that do not live at the same time share a slot. Largest first, each
 * into the smallest slot that is free while it lives (Pisarchyk, Lee: "Efficient memory management
 * for deep neural net inference", 2020, section 4.3).
 *
 * @module
 */

/** A value that needs memory from step `first` to step `last`, both included. */
export interface Lifetime {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/** Which slot each value gets, and how large the slots are. */
export interface Slots {
  readonly slotOf: readonly number[];
  readonly bytes: readonly number[];
}

/** Shares memory among values. */
export function assignSlots(lifetimes: readonly Lifetime[]): Slots {
  const slotOf = new Array<number>(lifetimes.length).fill(-1);
  const bytes: number[] = [];
  const tenants: Lifetime[][] = [];
  const order = lifetimes.map((_, i) => i).sort((a, b) => {
    return lifetimes[b]!.bytes - lifetimes[a]!.bytes || a - b;
  });
  for (const i of order) {
    const value = lifetimes[i]!;
    // Slots were made largest first: the last that is free is the smallest.
    let slot = tenants.findLastIndex((others) => others.every((other) => apart(value, other)));
    if (slot < 0) {
      slot = bytes.push(value.bytes) - 1;
      tenants.push([]);
    }
    tenants[slot]!.push(value);
    slotOf[i] = slot;
  }
  return { slotOf, bytes };
}

function apart(a: Lifetime, b: Lifetime): boolean {
  return a.last < b.first || b.last < a.first;
}

/** Most bytes that live at the same time: no plan can take less. */
export function liveBytes(lifetimes: readonly Lifetime[]): number {
  return lifetimes.reduce((most, { first }) => {
    const living = lifetimes.filter((it) => it.first <= first && first <= it.last);
    return Math.max(most, living.reduce((sum, { bytes }) => sum + bytes, 0));
  }, 0);
}
