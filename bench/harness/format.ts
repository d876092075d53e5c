/**
 * Figures as text.
 *
 * @module
 */

/** A number with three digits. */
export function formatNumber(value: number): string {
  return value >= 999.5 ? value.toFixed(0) : value.toPrecision(3);
}

/** Milliseconds in the unit that fits. */
export function formatTime(milliseconds: number): string {
  if (milliseconds < 0.9995) return `${formatNumber(milliseconds * 1000)} µs`;
  if (milliseconds < 999.5) return `${formatNumber(milliseconds)} ms`;
  return `${formatNumber(milliseconds / 1000)} s`;
}

/** A share in per cent. */
export function formatShare(share: number): string {
  return `${(100 * share).toFixed(share < 0.0095 ? 1 : 0)} %`;
}

/** How many of something, in billions, millions or thousands: "17.2 GFLOP". */
export function formatAmount(value: number, unit: string): string {
  for (const [size, prefix] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]] as const) {
    if (value >= 0.9995 * size) return `${formatNumber(value / size)} ${prefix}${unit}`;
  }
  return `${formatNumber(value)} ${unit}`.trim();
}
