/**
 * Works and figures as lines for the terminal.
 *
 * @module
 */
import type { Machine } from "../machine/gauge.ts";
import type { Limits, Share } from "../machine/share.ts";
import { formatTolerance } from "./compare.ts";
import { formatAmount, formatNumber, formatShare, formatTime } from "./format.ts";
import type { Row } from "./json.ts";
import type { Measured, Outcome } from "./outcome.ts";
import { isArithmetic, type Work } from "./work.ts";

/** The line above all others. */
export const HEADINGS: string = [
  "".padEnd(18),
  ...["median", "min", "p10", "p90"].map((head) => head.padStart(9)),
  "runs".padStart(12),
  "rate".padStart(15),
  "  of the machine",
  "  against reference",
].join("");

/** What the machine can do. */
export function machineLines({ build, threads, peak, copy, triad }: Machine): readonly string[] {
  const rates = (one: number, all: number, unit: string) => {
    const together = `, ${formatAmount(1e9 * all, unit)} on ${threads}`;
    return `${formatAmount(1e9 * one, unit)} on 1 thread${threads > 1 ? together : ""}`;
  };
  return [
    `peak              ${rates(peak.one, peak.all, "FLOP/s")}: multiply-adds, ${build}`,
    `memory            ${rates(copy.one, copy.all, "B/s")}: copying; ` +
    `${rates(triad.one, triad.all, "B/s")}: y = x + y / 2`,
  ];
}

/** What a GPU can do. */
export function limitsLine(name: string, { peak, copy }: Limits): string {
  return `${name.padEnd(16)}  ${formatAmount(1e9 * peak, "FLOP/s")} in multiply-adds, ` +
    `${formatAmount(1e9 * copy, "B/s")} in copying`;
}

/** What a work is. */
export function workLine({ name, about, flops, bytes, tolerance }: Work): string {
  const cost = [
    flops > 0 ? formatAmount(flops, "FLOP") : "",
    bytes > 0 ? formatAmount(bytes, "B") : "",
    formatTolerance(tolerance),
  ];
  return `${name}: ${about}; ${cost.filter(Boolean).join(", ")}`;
}

/** What an outcome is compared with. */
export interface Comparisons {
  /** The median on the reference device. */
  readonly baseline: number | undefined;
  /** What share of the machine it is. */
  readonly share: Share | undefined;
}

/** What became of a work on a device. */
export function outcomeLine(
  [device, outcome]: readonly [string, Outcome],
  work: Work,
  { baseline, share }: Comparisons,
): string {
  const head = `  ${device.padEnd(16)}`;
  if (outcome.kind !== "measured") return `${head}  ${outcome.kind.toUpperCase()}: ${outcome.why}`;
  const { median, min, p10, p90, runs, callsPerRun } = outcome.timing;
  const speedup = device === "reference" || baseline === undefined
    ? ""
    : `${formatNumber(baseline / median)} x`;
  const dispatches = Math.round(outcome.counts["dispatches"] ?? 0);
  return [
    head,
    ...[median, min, p10, p90].map((time) => formatTime(time).padStart(9)),
    `${runs} x ${callsPerRun}`.padStart(12),
    rateOf(outcome, work).padStart(15),
    (share === undefined ? "" : `${formatShare(share.share)} of ${share.of}`).padStart(16),
    `  ${speedup}`.padEnd(12),
    dispatches > 1 ? `${dispatches} dispatches` : "",
  ].join("").trimEnd();
}

function rateOf({ gflops, gbs }: Measured, work: Work): string {
  const arithmetic = isArithmetic(work);
  return formatAmount(1e9 * (arithmetic ? gflops : gbs), arithmetic ? "FLOP/s" : "B/s");
}

/** All rows, the devices side by side: the median, and the share of the machine. */
export function sideBySide(rows: readonly Row[], devices: readonly string[]): readonly string[] {
  const width = Math.max(0, ...rows.map(({ work }) => work.name.length)) + 2;
  const cell = ({ outcomes, shares }: Row, device: string) => {
    const outcome = outcomes[device], share = shares[device];
    const time = outcome?.kind === "measured" ? formatTime(outcome.timing.median) : outcome?.kind;
    return (time ?? "").padStart(12) +
      (share === undefined ? "" : formatShare(share.share)).padStart(7) +
      (share === undefined ? " " : share.of[0]!);
  };
  return [
    "".padEnd(width) + devices.map((name) => name.padStart(18).padEnd(20)).join(""),
    ...rows.map((row) => {
      return row.work.name.padEnd(width) + devices.map((name) => cell(row, name)).join("");
    }),
  ].map((line) => line.trimEnd());
}
