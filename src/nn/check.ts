/**
 * Checks of the numbers that layers are made with.
 *
 * @module
 */

/** Throws RangeError unless the number is whole and at least `least`. */
export function checkWhole(layer: string, name: string, value: number, least = 1): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new RangeError(
    `Cannot make ${layer}: ${name} is ${value}, it must be a whole number >= ${least}`,
  );
}

/** A number for both spatial axes, or one for the height and one for the width. */
export type Pair = number | readonly [height: number, width: number];

/** Both numbers of a pair, checked. */
export function pairOf(
  layer: string,
  name: string,
  value: Pair,
  least = 1,
): readonly [number, number] {
  const pair: readonly number[] = typeof value === "number" ? [value, value] : value;
  if (pair.length !== 2) {
    throw new RangeError(
      `Cannot make ${layer}: ${name} is [${pair.join(", ")}], it must be one number or two`,
    );
  }
  for (const one of pair) checkWhole(layer, name, one, least);
  return pair as readonly [number, number];
}

/** A pair in the printed form of a layer. */
export function formatPair([height, width]: readonly [number, number]): string {
  return `[${height}, ${width}]`;
}
