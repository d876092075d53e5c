/**
 * What pixels that lie side by side see in common, where windows overlap along a line.
 *
 * @module
 */
import type { WayFigures } from "../kernel.ts";
import type { Window } from "../window.ts";
import { type Block, blockFigures } from "./block.ts";

/** Lines with fewer pixels would leave blocks too small. */
const SHORTEST = 8;
/** Taps along a line that are unrolled at most. */
const MOST_TAPS = 7;

/** Places that the taps of pixels side by side see, each once, from the first tap of the first on. */
export function seenFrom(
  pixels: number,
  { kernel, stride, dilation }: Window,
): readonly number[] {
  const places = new Set<number>();
  for (let p = 0; p < pixels; p++) {
    for (let tap = 0; tap < kernel; tap++) places.add(p * stride + tap * dilation);
  }
  return [...places].sort((a, b) => a - b);
}

/** Whether pixels of a line of this length see places in common, and few enough to name them all. */
export function seesTogether(length: number, window: Window): boolean {
  const { kernel } = window;
  return length >= SHORTEST && kernel <= MOST_TAPS &&
    seenFrom(SHORTEST, window).length < SHORTEST * kernel;
}

/** What decides how fast a block makes it that reads what its pixels see in common once. */
export function stripFigures(
  block: Block,
  { lines, length, vectors, width, down, across, depth }: {
    /** Lines of the result, and pixels of each. */
    readonly lines: number;
    readonly length: number;
    /** Vectors of a pixel of the result, and numbers of each. */
    readonly vectors: number;
    readonly width: number;
    readonly down: Window;
    readonly across: Window;
    /** Numbers that are summed per tap. */
    readonly depth: number;
  },
): WayFigures {
  const blocks = lines * Math.ceil(length / block.rows) * vectors / block.vectors;
  const K = down.kernel * across.kernel * depth;
  const seen = seenFrom(block.rows, across).length + across.kernel * block.vectors * width;
  return {
    ...blockFigures(block, { blocks, K, width }),
    reads: blocks * down.kernel * depth * seen,
  };
}
