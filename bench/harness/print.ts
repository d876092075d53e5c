/**
 * Works and figures as lines for the terminal.
 *
 * @module
 */
import { formatTolerance } from "./compare.ts";
import { formatAmount, formatNumber, formatTime } from "./format.ts";
import type { Outcome } from "./outcome.ts";
import type { Work } from "./work.ts";

/** Above so many operations per byte, arithmetic is what counts. */
const ARITHMETIC = 4;

/** The line above all others. */
export const HEADINGS: string = [
  "".padEnd(18),
  ...["median", "min", "p10", "p90"].map((head) => head.padStart(9)),
  "runs".padStart(12),
  "rate".padStart(15),
  "  against reference",
].join("");

/** What a work is. */
export function workLine({ name, about, flops, bytes, tolerance }: Work): string {
  const cost = [
    flops > 0 ? formatAmount(flops, "FLOP") : "",
    bytes > 0 ? formatAmount(bytes, "B") : "",
    formatTolerance(tolerance),
  ];
  return `${name}: ${about}; ${cost.filter(Boolean).join(", ")}`;
}

/** What became of a work on a device; `baseline` is the median on the reference device. */
export function outcomeLine(
  [device, outcome]: readonly [string, Outcome],
  { flops, bytes }: Work,
  baseline: number | undefined,
): string {
  const head = `  ${device.padEnd(16)}`;
  if (outcome.kind !== "measured") return `${head}  ${outcome.kind.toUpperCase()}: ${outcome.why}`;
  const { timing, gflops, gbs, counts } = outcome;
  const { median, min, p10, p90, runs, callsPerRun } = timing;
  const arithmetic = bytes === 0 || flops / bytes > ARITHMETIC;
  const speedup = device === "reference" || baseline === undefined
    ? ""
    : `${formatNumber(baseline / median)} x`;
  const dispatches = Math.round(counts["dispatches"] ?? 0);
  return [
    head,
    ...[median, min, p10, p90].map((time) => formatTime(time).padStart(9)),
    `${runs} x ${callsPerRun}`.padStart(12),
    formatAmount(1e9 * (arithmetic ? gflops : gbs), arithmetic ? "FLOP/s" : "B/s").padStart(15),
    `  ${speedup}`.padEnd(12),
    dispatches > 1 ? `${dispatches} dispatches` : "",
  ].join("").trimEnd();
}
