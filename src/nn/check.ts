/**
 * Checks of the numbers that layers are made with.
 *
 * @module
 */
import { type Pair, pair, type PairOption } from "../kernels/mod.ts";

/** Throws RangeError unless the number is whole and at least `least`. */
export function checkWhole(layer: string, name: string, value: number, least = 1): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new RangeError(
    `Cannot make ${layer}: ${name} is ${value}, it must be a whole number >= ${least}`,
  );
}

/** Both numbers of a pair, checked. */
export function pairOf(layer: string, name: string, value: PairOption, least = 1): Pair {
  const numbers = pair(value);
  for (const one of numbers) checkWhole(layer, name, one, least);
  return numbers;
}

/** A pair in the printed form of a layer. */
export function formatPair([height, width]: Pair): string {
  return `[${height}, ${width}]`;
}
