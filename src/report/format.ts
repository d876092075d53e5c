/**
 * Numbers as text, the same in the terminal, in pictures and on the page.
 *
 * @module
 */
import type { Estimate } from "./statistics.ts";

/** A mean and how far its samples spread, both in the same unit. */
export interface Spread {
  /** The mean. */
  readonly value: number;
  /** The spread (usually a standard deviation), in the unit of `value`. */
  readonly spread: number;
}

/** Text of a value in two parts, so that a column can align the values and the intervals apart. */
export interface Parts {
  /** The value with its unit. */
  readonly main: string;
  /** The interval or the spread, with the space before it; or "". */
  readonly extra: string;
}

/**
 * A share in 0..1 as percent, "93.1 %". What is not quite all or nothing never reads as all or
 * nothing: 0.99996 is ">99.9 %".
 */
export function formatPercent(share: number, digits: number = 1): string {
  if (!Number.isFinite(share)) return formatNumber(share);
  const step = 10 ** -digits;
  const text = (share * 100).toFixed(digits);
  if (share < 1 && Number(text) >= 100) return `>${(100 - step).toFixed(digits)} %`;
  if (share > 0 && Number(text) === 0) return `<${step.toFixed(digits)} %`;
  return `${text} %`;
}

/** A number with `digits` decimals; without `digits`, four significant digits and no zeros at the end. */
export function formatNumber(value: number, digits?: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  return digits === undefined ? String(Number(value.toPrecision(4))) : value.toFixed(digits);
}

/** A whole number with its thousands apart, "12,345". */
export function formatCount(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString("en-US") : formatNumber(value);
}

/** A time given in seconds, in the unit that fits: "85 ms", "4.2 s", "1 min 24 s". */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return formatNumber(seconds);
  if (seconds < 0.9995) return `${Number((seconds * 1000).toPrecision(3))} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A proportion and its interval: "93.1 % (91.4–94.5)". */
export function formatEstimate(estimate: Estimate, digits: number = 1): string {
  const { main, extra } = percentParts(estimate, digits);
  return main + extra;
}

/** A share in 0..1 and its spread, in percent: "93.1 % ± 0.4". */
export function formatSpread(spread: Spread, digits: number = 1): string {
  const { main, extra } = percentParts(spread, digits);
  return main + extra;
}

/** The parts of a share in percent, with its interval or its spread where it has one. */
export function percentParts(value: number | Estimate | Spread, digits: number = 1): Parts {
  if (typeof value === "number") return { main: formatPercent(value, digits), extra: "" };
  const hundredfold = (share: number) => (share * 100).toFixed(digits);
  return { main: formatPercent(value.value, digits), extra: extraPart(value, hundredfold) };
}

/** The parts of a plain number, with its interval or its spread where it has one. */
export function numberParts(value: number | Estimate | Spread, digits?: number): Parts {
  if (typeof value === "number") return { main: formatNumber(value, digits), extra: "" };
  const format = (it: number) => formatNumber(it, digits);
  return { main: format(value.value), extra: extraPart(value, format) };
}

function extraPart(value: Estimate | Spread, format: (value: number) => string): string {
  if ("spread" in value) return ` ± ${format(value.spread)}`;
  return ` (${format(value.low)}–${format(value.high)})`;
}
