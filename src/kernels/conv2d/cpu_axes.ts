/**
 * What cpu.as.ts is told about the phases of an axis.
 *
 * @module
 */
import type { Axis } from "./axes.ts";

/** Taps of the phases before each. */
function before({ phases }: Axis): number[] {
  let sum = 0;
  return phases.map(({ taps }) => (sum += taps.length) - taps.length);
}

/** What `convolve` is told about the phases. */
export function phaseWords(axis: Axis): number[] {
  const sums = before(axis);
  return axis.phases.flatMap(({ outputs, taps, first, step }, i) => {
    return [outputs, taps.length, first, step, sums[i]!];
  });
}

/** What `convolvePack` is told about each tap: taps of phases before its own, of its own, its place. */
export function orderWords(axis: Axis): number[] {
  const sums = before(axis);
  const words = new Array<number>(3 * axis.kernel).fill(0);
  axis.phases.forEach(({ taps }, phase) => {
    taps.forEach((tap, place) => words.splice(3 * tap, 3, sums[phase]!, taps.length, place));
  });
  return words;
}
