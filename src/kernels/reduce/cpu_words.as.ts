/** The arguments of a reduction, which cpu.ts works out. */
import { int } from "../assembly/arguments.as";
import { placeOf } from "../assembly/axes.as";

// Words after the addresses of x and y. Axes have two words, size and stride; those that are
// reduced come first.
export const CHUNK = 1, SPLITS = 2, DIVISOR = 5;
export const REDUCED = 7, KEPT = 8, AXES = 10;
// Of rows.
export const RUN = 0, OUTPUTS = 3, EACH = 4, RUNS = 6;
// Of columns.
export const COLUMNS = 0, OWN = 3, BLOCK = 4, ROWS = 6, TAIL = 9;

/** Bytes to where run or row `index` of the reduced axes begins. */
export function reducedPlace(words: usize, index: u32): usize {
  return placeOf(words + (AXES << 2), int(words, REDUCED), 2, 1, index);
}

/** Bytes to where output `index` begins. */
export function keptPlace(words: usize, index: u32): usize {
  const axes = words + (<usize> (AXES + 2 * int(words, REDUCED)) << 2);
  return placeOf(axes, int(words, KEPT), 2, 1, index);
}
