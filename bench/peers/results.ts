/**
 * What the lines of a run say: medians over the rounds, and whether all computed the same.
 *
 * @module
 */
import { quantile } from "../harness/measure.ts";
import type { Line, MachineLine, PeerLine } from "./line.ts";
import { nameOf } from "./plan.ts";

/** The same computation: checks may differ by so much, as a share. */
const SAME = 2e-5;

/** The peer whose checks count, where it has the work. */
const JUDGE = "torch-1t@node";

/** Operations of our own works, which the harness does not know. */
const FLOPS: Readonly<Record<string, number>> = { W1_64: 2 * 64 ** 3 };

/** A peer on a work, over all rounds. */
export interface Cell {
  readonly name: string;
  readonly work: string;
  /** Medians of the rounds: milliseconds of an iteration, or of an operation in a chain. */
  readonly times: readonly number[];
  /** Their median. */
  readonly time: number;
  readonly gflops: number | undefined;
  readonly gbs: number | undefined;
  readonly check: number | undefined;
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  return quantile([...numbers].sort((a, b) => a - b), 0.5);
}

function isMachine(line: Line): line is MachineLine {
  return line.peer === "machine";
}

function isPeer(line: Line): line is PeerLine {
  return !isMachine(line);
}

function timeOf({ ms, totalUsPerOp }: PeerLine): number {
  return ms ?? totalUsPerOp! / 1000;
}

/** All that was measured. */
export class Results {
  readonly machines: readonly MachineLine[];
  readonly lines: readonly PeerLine[];
  readonly #good: readonly PeerLine[];

  constructor(lines: readonly Line[]) {
    this.machines = lines.filter(isMachine);
    this.lines = lines.filter(isPeer);
    this.#good = this.lines.filter(({ status }) => status === "ok");
  }

  /** Works in the order in which they came. */
  get works(): readonly string[] {
    return [...new Set(this.lines.map(({ work }) => work))];
  }

  /** Peers in the order in which they came, as peer@host. */
  get names(): readonly string[] {
    return [...new Set(this.lines.map(nameOf))];
  }

  /** A peer on a work; undefined where it has no figure. */
  cell(name: string, work: string): Cell | undefined {
    const lines = this.#of(name, work);
    if (lines.length === 0) return undefined;
    const times = lines.map(timeOf), time = median(times);
    const { gflops, gbs, ms, check } = lines[0]!;
    // Rates follow from times: the harness knows how much work there is.
    const scale = (ms ?? 0) / time;
    return {
      name,
      work,
      times,
      time,
      gflops: FLOPS[work] === undefined
        ? gflops === undefined ? undefined : gflops * scale
        : FLOPS[work] / time * 1e-6,
      gbs: gbs === undefined ? undefined : gbs * scale,
      check,
    };
  }

  #of(name: string, work: string): readonly PeerLine[] {
    return this.#good.filter((line) => nameOf(line) === name && line.work === work);
  }

  /** How often `name` is faster than `other`, in the middle of the rounds that have both. */
  speedup(name: string, other: string, work: string): number | undefined {
    const others = this.#of(other, work);
    const ratios = this.#of(name, work).flatMap((line) => {
      const beside = others.find(({ round }) => round === line.round);
      return beside === undefined ? [] : [timeOf(beside) / timeOf(line)];
    });
    return ratios.length === 0 ? undefined : median(ratios);
  }

  /** What share of a limit of the machine a rate is, in the middle of the rounds. */
  share(
    name: string,
    work: string,
    limit: (machine: MachineLine) => { readonly gflops: number } | { readonly gbs: number },
  ): number | undefined {
    const amounts = this.cell(name, work);
    if (amounts === undefined) return undefined;
    const shares = this.#of(name, work).flatMap((line) => {
      const machine = this.machines.find(({ round, group }) => {
        return round === line.round && group === line.group;
      });
      if (machine === undefined) return [];
      const most = limit(machine);
      const faster = amounts.time / timeOf(line);
      return "gflops" in most
        ? [amounts.gflops! * faster / most.gflops]
        : [amounts.gbs! * faster / most.gbs];
    });
    return shares.length === 0 ? undefined : median(shares);
  }

  /** Whether a check is that of PyTorch, or of the first peer that has the work. */
  agrees({ work, check }: Cell): boolean {
    const judge = this.cell(JUDGE, work) ??
      this.names.map((name) => this.cell(name, work)).find((cell) => cell !== undefined);
    const expected = judge?.check;
    if (check === undefined || expected === undefined) return true;
    return Math.abs(check - expected) <= SAME * Math.abs(expected);
  }
}
