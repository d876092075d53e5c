/**
 * What an invocation of a way without staging computes: a block of pixels and of vectors of channels,
 * all in registers. A number that is read serves all of the block's other side.
 *
 * @module
 */
import type { WayFigures } from "../kernel.ts";
import { WORKGROUP } from "../wgsl.ts";

/** A block. */
export interface Block {
  /** Pixels; of a weight gradient, vectors of input channels. */
  readonly rows: number;
  /** Vectors of output channels; they lie side by side. */
  readonly vectors: number;
}

/** Invocations that keep a GPU busy; only beyond them does each take more. */
const BUSY = 8192;
/** Invocations that software needs: a few for each thread and lane of a processor. */
const FEW = 512;
/**
 * Blocks for software, which reads slowly and computes quickly: more sums than GPUs can keep. Rows of
 * numbers, and vectors.
 */
const LARGE = [[16, 2], [16, 4], [8, 2]] as const;

/** What there is to divide into blocks. */
export interface Whole {
  /** Rows in all, and how many of them a block must not cross; default all. */
  readonly rows: number;
  readonly line?: number;
  /** Numbers of a row. Default 1. */
  readonly width?: number;
  /** Vectors in all, and how many of them a block must not cross. */
  readonly vectors: number;
  readonly group: number;
  /** Shares that the sums can be cut into, so that there are more invocations. Default 1. */
  readonly shares?: number;
}

/** The block for a GPU: 4 rows at most, so that registers are left. */
function smallBlock({ rows, vectors, width = 1 }: Whole): Block {
  const invocations = rows * vectors;
  const most = width > 1 ? 1 : 4;
  return {
    rows: Math.min(most, invocations >= 4 * BUSY ? 4 : invocations >= 2 * BUSY ? 2 : 1),
    vectors: 1,
  };
}

/** The largest divisor of `count` up to `most`. */
function divisor(count: number, most: number): number {
  let result = Math.min(count, most);
  while (count % result !== 0) result--;
  return result;
}

/** Blocks that fit, the one for a GPU first. */
export function blocksOf(whole: Whole): readonly Block[] {
  const { rows, line = rows, width = 1, vectors, group, shares = 1 } = whole;
  const found = [smallBlock(whole)];
  for (const [most, beside] of LARGE) {
    const high = Math.max(1, most / width);
    const block = {
      // Pixels may end in the middle of a block; channels may not.
      rows: width > 1 || shares > 1
        ? divisor(line, high)
        : Math.ceil(line / Math.ceil(line / high)),
      vectors: divisor(group, beside),
    };
    if (rows * vectors * shares < FEW * block.rows * block.vectors) continue;
    const isNew = (it: Block) => it.rows !== block.rows || it.vectors !== block.vectors;
    if (found.every(isNew)) found.push(block);
  }
  return found;
}

/** "direct 8x8": rows and columns of numbers of an invocation. */
export function nameOfBlock({ rows, vectors }: Block, [high, wide]: readonly number[]): string {
  return `direct ${rows * high!}x${vectors * wide!}`;
}

/** What decides how fast a way by blocks is: `blocks` of them, with sums over `K` steps. */
export function blockFigures(
  { rows, vectors }: Block,
  { blocks, K, width, dispatches = 1 }: {
    readonly blocks: number;
    readonly K: number;
    /** Numbers of a vector. */
    readonly width: number;
    readonly dispatches?: number;
  },
): WayFigures {
  const columns = vectors * width;
  return {
    workgroups: Math.ceil(blocks / WORKGROUP),
    invocations: WORKGROUP,
    products: blocks * rows * columns * K,
    reads: blocks * (rows + columns) * K,
    sums: rows * columns,
    staged: false,
    dispatches,
  };
}
