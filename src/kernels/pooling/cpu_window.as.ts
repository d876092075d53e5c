/** Windows of pooling: the arguments of its calls, which cpu.ts works out, and what windows see. */
import { int } from "../assembly/arguments.as";

// Words after the addresses.
export const H = 0, W = 1, C = 2, OH = 3, OW = 4, KH = 5, KW = 6, SH = 7, SW = 8, PH = 9, PW = 10;
// Of average pooling: whether to divide by the size of the kernel. Of gradients: whether windows
// cover the image without overlap.
export const FULL = 11, COVERS = 12;

/** Window `o` along an axis begins here, which may be before the image. */
// @ts-ignore: decorator
@inline
export function startOf(words: usize, o: i32, stride: i32, padding: i32): i32 {
  return o * int(words, stride) - int(words, padding);
}

/** The first place that a window sees which begins at `start`. */
// @ts-ignore: decorator
@inline
export function lowOf(start: i32): i32 {
  return max(start, 0);
}

/** The place behind the last one that it sees. */
// @ts-ignore: decorator
@inline
export function highOf(start: i32, kernel: i32, size: i32): i32 {
  return min(start + kernel, size);
}
