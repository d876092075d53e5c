/**
 * Planning of memory: values that do not live at the same time share bytes. The order in which values
 * are placed decides how much is lost between them: largest first, and where that is not tight, a
 * few changes of the order, each kept if it is no loss. Equal steps get equal plans.
 *
 * @module
 */
import { philox } from "../../random.ts";
import type { Sharing } from "../device.ts";
import { type Access, type Lifetime, liveBytes } from "./lifetimes.ts";
import { placeInOrder, type Placing, type Slots, totalBytes } from "./slots.ts";

/** A plan that takes at most so many times what lives at the same time is not searched further. */
const TIGHT = 1.01;
/** Above that, a call has to put up with what it reads beside what it writes. */
const LOOSE = 1.1;
/** Orders that are tried in a search, and pairs of values that are looked at for that. */
const MOST_ORDERS = 128, MOST_PAIRS = 400_000;
/** Calls that are tried for the one that gains most by that, and how many have to. */
const CANDIDATES = 8, MOST_BESIDE = 3;

/** What is to be placed. */
export interface Planning {
  readonly lifetimes: readonly Lifetime[];
  /** What the calls read and write of them. */
  readonly accesses: readonly Access[];
  readonly sharing: Sharing;
}

/** An order, and where values lie that are placed in it. */
interface Found {
  readonly order: readonly number[];
  readonly slots: Slots;
  readonly total: number;
}

/** Places the values of a step. */
export function planMemory({ lifetimes, accesses, sharing }: Planning): Slots {
  const least = liveBytes(lifetimes), goal = least * TIGHT;
  const start = lifetimes.map((_, i) => i).sort((a, b) => {
    return lifetimes[b]!.bytes - lifetimes[a]!.bytes || a - b;
  });
  let strict = sharing === "apart" ? accesses : [];
  let best = search(placingOf(lifetimes, strict), start, { goal });
  for (let i = 0; i < MOST_BESIDE && best.total > least * LOOSE; i++) {
    const tried = candidates(lifetimes, strict).map((call) => {
      const others = strict.filter((access) => access !== call);
      const ending = { goal, parts: CANDIDATES };
      return { others, found: search(placingOf(lifetimes, others), best.order, ending) };
    });
    if (tried.length === 0) break;
    const { others } = tried.reduce((a, b) => b.found.total < a.found.total ? b : a);
    strict = others;
    best = search(placingOf(lifetimes, strict), best.order, { goal });
  }
  return best.slots;
}

/** The values with what each must not share a slot with: what a call reads, with what it writes. */
function placingOf(lifetimes: readonly Lifetime[], accesses: readonly Access[]): Placing {
  const apart = lifetimes.map(() => new Set<number>());
  for (const { reads, writes } of accesses) {
    for (const read of reads) {
      for (const written of writes) {
        // What is updated in place is one binding.
        if (read === written) continue;
        apart[read]!.add(written);
        apart[written]!.add(read);
      }
    }
  }
  return { lifetimes, apart };
}

function placed(placing: Placing, order: readonly number[]): Found {
  const slots = placeInOrder(placing, order);
  return { order, slots, total: totalBytes(slots) };
}

/** When a search ends. */
interface Ending {
  /** With a total of at most so many bytes. */
  readonly goal: number;
  /** Or after one of so many parts of the usual tries. Default 1. */
  readonly parts?: number;
}

/** Moves values in the order. */
function search(
  placing: Placing,
  start: readonly number[],
  { goal, parts = 1 }: Ending,
): Found {
  let best = placed(placing, start);
  const count = start.length, tries = Math.min(MOST_ORDERS, MOST_PAIRS / count ** 2) / parts;
  for (let i = 0; i < tries && best.total > goal; i++) {
    const [from, to] = philox([i, 0, 0, 0], [count, 0]), order = [...best.order];
    const [value] = order.splice(from % count, 1);
    order.splice(to % count, 0, value!);
    const found = placed(placing, order);
    if (found.total <= best.total) best = found;
  }
  return best;
}

/** The calls that keep most bytes apart. */
function candidates(
  lifetimes: readonly Lifetime[],
  accesses: readonly Access[],
): readonly Access[] {
  const bytesOf = (places: readonly number[]): number => {
    return places.reduce((sum, place) => sum + lifetimes[place]!.bytes, 0);
  };
  return accesses.map((access) => {
    return { access, bytes: Math.min(bytesOf(access.reads), bytesOf(access.writes)) };
  }).filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, CANDIDATES).map(({ access }) => access);
}
