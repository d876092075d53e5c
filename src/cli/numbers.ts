/**
 * Numbers as people write them on the command line.
 *
 * @module
 */

/** A number, or one divided by another: "8/255". NaN for anything else. */
export function fractionOf(text: string): number {
  const parts = text.split("/").map((part) => part.trim() === "" ? NaN : Number(part));
  return parts.length <= 2 ? parts.reduce((a, b) => a / b) : NaN;
}
