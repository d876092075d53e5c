/**
 * Numbers as people write and read them on the command line.
 *
 * @module
 */

/** A number, or one divided by another: "8/255". NaN for anything else. */
export function fractionOf(text: string): number {
  const parts = text.split("/").map((part) => part.trim() === "" ? NaN : Number(part));
  return parts.length <= 2 ? parts.reduce((a, b) => a / b) : NaN;
}

/** "8/255" for a small radius, which is counted in steps of a byte; "0.1" for others. */
export function formatRadius(eps: number): string {
  return eps > 0 && eps < 0.05 ? `${Number((eps * 255).toFixed(3))}/255` : String(eps);
}
