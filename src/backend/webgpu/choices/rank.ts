/**
 * The order of a kernel's ways on a kind of adapter, by the roofline model (Williams, Waterman,
 * Patterson: "Roofline", CACM 2009) with how well a way fills the GPU. Guessed, not measured.
 *
 * @module
 */
import type { Candidate, WayFigures } from "../../../kernels/mod.ts";
import { LEAST_SECONDS, REACHED } from "../../profile/gpus.ts";
import { type AdapterKind, type Machine, MACHINES } from "./adapters.ts";

/** How much faster a way must look before a guess goes over the kernel's own order. */
const CLEARLY = 0.75;
/** What is left of the arithmetic when sums do not fit into registers. */
const SPILLED = 0.4;

/**
 * Nanoseconds of software for a multiply-add and for a number that is read, both cores together: from
 * matrix products in blocks of 4x4, 8x4 and 16x8 on SwiftShader. Their ratio is what matters.
 */
const SOFTWARE = { product: 0.28, read: 1.54 } as const;
/** Workgroups that keep all cores busy until the end. */
const ENOUGH = 4;

/** Guessed seconds in software: everything is computed, nothing goes on meanwhile. */
function guessSoftware({ workgroups, products, reads }: WayFigures): number {
  const busy = Math.min(1, workgroups / ENOUGH);
  return 1e-9 * (SOFTWARE.product * products + SOFTWARE.read * reads) / busy;
}

/** Guessed seconds of a way: the longer of computing and reading, and the launches. */
export function guessSeconds(way: WayFigures, machine: Machine): number {
  const { workgroups, invocations, products, reads, sums, staged, dispatches } = way;
  const rounds = Math.ceil(workgroups / machine.units);
  const even = workgroups / (rounds * machine.units);
  const busy = Math.min(1, workgroups * invocations / (machine.units * machine.invocations));
  // A square block of s sums does sqrt(s) / 2 multiply-adds per number read from workgroup memory,
  // and a read takes the time of one.
  const perRead = Math.sqrt(sums) / 2;
  const mixed = staged ? perRead / (perRead + 1) : 1;
  const kept = sums <= machine.sums ? 1 : SPILLED;
  const rate = REACHED.flops * machine.peakFlops * even * busy * mixed * kept;
  return Math.max(2 * products / rate, 4 * reads / machine.cacheBandwidth) +
    dispatches * LEAST_SECONDS;
}

/**
 * Ways in the order in which they should be tried. In software those that wait come last, and the
 * quickest guess first; on GPUs of
 * a known vendor a way that is guessed to be clearly faster than the kernel's first goes before it;
 * else it is the kernel's own order.
 */
export function ranked(ways: readonly Candidate[], kind: AdapterKind): readonly Candidate[] {
  if (kind === "software") {
    const guess = ({ figures }: Candidate) => figures ? guessSoftware(figures) : Infinity;
    return sorted(sorted(ways, guess), ({ waits }) => Number(waits));
  }
  if (kind === "unknown") return ways;
  const machine = MACHINES[kind], own = ways[0]?.figures;
  if (own === undefined) return ways;
  const guess = ({ figures }: Candidate): number => {
    return figures === undefined ? Infinity : guessSeconds(figures, machine);
  };
  const order = sorted(ways, guess);
  if (guess(order[0]!) < CLEARLY * guess(ways[0]!)) return order;
  return [ways[0]!, ...order.filter((way) => way !== ways[0])];
}

/** Sorted by a number; equal ones stay in their order. */
function sorted<T>(items: readonly T[], by: (item: T) => number): readonly T[] {
  return items.map((item): [number, T] => [by(item), item])
    .sort(([a], [b]) => a === b ? 0 : a - b)
    .map(([, item]) => item);
}
