// Figures of the traffic of one workgroup: how many segments of memory 32 neighbouring invocations touch
// at once against the fewest possible, and how often they meet in one bank of workgroup memory.

import type { Access } from "./memory.ts";

/** Invocations that access together, and the bytes of a segment. */
const TOGETHER = 32, SEGMENT = 32;
/** Banks of workgroup memory, of one word each. */
const BANKS = 32;

/** One place in a shader. */
export interface Traffic {
  readonly site: string;
  readonly space: "storage" | "workgroup";
  readonly kind: "read" | "write";
  /** Accesses by groups of neighbours. */
  readonly accesses: number;
  /** Storage: segments touched, for each that would do. 1 is perfect. */
  readonly segmentsPerNeeded: number;
  /** Workgroup memory: rounds that the worst access takes, and all of them on average. */
  readonly worstRounds: number;
  readonly meanRounds: number;
}

/** Figures for every place, from the accesses of a workgroup, each invocation's in its order. */
export function trafficOf(accesses: readonly Access[]): readonly Traffic[] {
  const groups = new Map<string, Map<string, Access[]>>(), turns = new Map<string, number>();
  for (const access of accesses) {
    const place = `${access.kind} ${access.site}`, own = `${place} ${access.invocation}`;
    const turn = turns.get(own) ?? 0;
    turns.set(own, turn + 1);
    const together = `${Math.floor(access.invocation / TOGETHER)} ${turn}`;
    const at = groups.get(place) ?? new Map<string, Access[]>();
    groups.set(place, at);
    const list = at.get(together) ?? [];
    at.set(together, list);
    list.push(access);
  }
  return [...groups.values()].map((at) => figuresOf([...at.values()]));
}

function figuresOf(groups: readonly (readonly Access[])[]): Traffic {
  const { site, kind, memory: { space } } = groups[0]![0]!;
  let touched = 0, needed = 0, worst = 0, total = 0;
  for (const group of groups) {
    const words = new Set(group.flatMap(({ word, words }) => range(word, words)));
    touched += new Set([...words].map((word) => Math.floor(word * 4 / SEGMENT))).size;
    needed += Math.ceil(words.size * 4 / SEGMENT);
    const rounds = roundsOf(group);
    worst = Math.max(worst, rounds);
    total += rounds;
  }
  return {
    site,
    space,
    kind,
    accesses: groups.length,
    segmentsPerNeeded: touched / needed,
    worstRounds: worst,
    meanRounds: total / groups.length,
  };
}

/** Most different words in one bank; wide accesses go in parts, so that a part fills the banks once. */
function roundsOf(group: readonly Access[]): number {
  const width = group[0]!.words, part = TOGETHER / width;
  let worst = 1;
  for (let start = 0; start < group.length; start += part) {
    const banks = new Map<number, Set<number>>();
    for (const { word, words } of group.slice(start, start + part)) {
      for (const it of range(word, words)) {
        const bank = banks.get(it % BANKS) ?? new Set();
        banks.set(it % BANKS, bank.add(it));
      }
    }
    worst = Math.max(worst, ...[...banks.values()].map(({ size }) => size));
  }
  return worst;
}

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}
