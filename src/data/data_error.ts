/**
 * The error of files that are not what they should be.
 *
 * @module
 */

/** A file that is missing, truncated, corrupt, too large, or another file than it should be. */
export class DataError extends Error {
  /** "DataError". */
  override readonly name = "DataError";
}

/** "1,234 bytes". */
export function bytesText(count: number): string {
  return `${String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",")} bytes`;
}
