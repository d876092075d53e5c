/** How far to go, and where not. */
export interface EuclideanStepParams {
  /** Length of the step. */
  readonly stepSize: number;
  /** Radius of the ball. */
  readonly eps: number;
  /** Smallest and largest value of a pixel. */
  readonly box: readonly [low: number, high: number];
}

/** Part of the radius that is used, so that rounding cannot exceed it. */
export const SHRINK: number = 1 - 1e-6;
