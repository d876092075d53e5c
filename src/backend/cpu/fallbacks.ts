/**
 * Kernels that run their reference twin on the cpu device, and why. A test compares this list with
 * the kernels themselves. Beside these, batch normalization does so for more than 65,536 channels.
 *
 * @module
 */

/** A kernel without a twin for the cpu. */
export interface Fallback {
  /** Its name. */
  readonly kernel: string;
  /** Why it has none. */
  readonly reason: string;
}

/** All of them. */
export const FALLBACKS: readonly Fallback[] = [];
