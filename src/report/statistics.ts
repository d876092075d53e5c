/**
 * What a count of right answers says about the accuracy behind it.
 *
 * @module
 */

/** A measured value and the interval that its true value lies in, at a stated confidence. */
export interface Estimate {
  /** The value measured, in the unit of what is estimated; a proportion is in 0..1. */
  readonly value: number;
  /** Lower end of the interval, in the unit of `value`. */
  readonly low: number;
  /** Upper end of the interval, in the unit of `value`. */
  readonly high: number;
}

/** Standard deviations that hold 95 % of a normal distribution. */
const Z95 = 1.959963984540054;

/**
 * Wilson's score interval of a proportion: with p = successes / n it is
 * (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n). Unlike p +- z sqrt(p(1-p)/n) it stays
 * inside 0..1 and does not shrink to a point at 0 or n successes, where attacks usually end.
 * `z` is the number of standard deviations; the default gives 95 %.
 */
export function wilson(successes: number, trials: number, z: number = Z95): Estimate {
  if (!Number.isInteger(trials) || trials < 1) {
    throw new RangeError(`Cannot estimate a proportion: trials is ${trials}, it must be 1 or more`);
  }
  if (!Number.isInteger(successes) || successes < 0 || successes > trials) {
    throw new RangeError(
      `Cannot estimate a proportion: successes is ${successes}, it must be a whole number in 0..${trials}`,
    );
  }
  const value = successes / trials;
  const middle = value + z * z / (2 * trials);
  const half = z * Math.sqrt(value * (1 - value) / trials + (z / (2 * trials)) ** 2);
  const whole = 1 + z * z / trials;
  // The ends are exact here; rounding would leave 1e-17 and print as "<0.1 %".
  const low = successes === 0 ? 0 : (middle - half) / whole;
  const high = successes === trials ? 1 : (middle + half) / whole;
  return { value, low, high };
}
