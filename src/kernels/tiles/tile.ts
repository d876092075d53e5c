/**
 * The shape of a tiled matrix product on a GPU: which block of the result a workgroup computes,
 * which block of that an invocation keeps in registers, and how deep a round goes.
 *
 * @module
 */
import { BackendError } from "../../errors.ts";

/** A tile. Each number of `each` is a multiple of 4 and divides its side of the tile. */
export interface Tile {
  /** Rows of the result per workgroup. */
  readonly rows: number;
  /** Columns of the result per workgroup. */
  readonly columns: number;
  /** Steps along the summed axis per round through workgroup memory; a multiple of 4. */
  readonly depth: number;
  /** Rows and columns of the result per invocation. */
  readonly each: readonly [rows: number, columns: number];
}

/** Bytes of workgroup memory and invocations of a workgroup, by default limits. */
const MOST_BYTES = 16384, MOST_INVOCATIONS = 256;

/** Invocations of a workgroup. */
export function invocationsOf({ rows, columns, each }: Tile): number {
  return rows / each[0] * (columns / each[1]);
}

/** Bytes of workgroup memory. */
export function bytesOfTile({ rows, columns, depth }: Tile): number {
  return 4 * depth * (rows + columns);
}

/** "64x64x16, 4x4 each": how candidates are named. */
export function nameOfTile({ rows, columns, depth, each }: Tile): string {
  return `${rows}x${columns}x${depth}, ${each.join("x")} each`;
}

/** Throws where a tile cannot be. */
export function checkTile(tile: Tile): void {
  const { rows, columns, depth, each } = tile;
  const invocations = invocationsOf(tile);
  const whole = rows % each[0] === 0 && columns % each[1] === 0;
  const fours = [...each, depth].every((size) => size % 4 === 0);
  const spread = invocations % (rows / 4) === 0 && invocations % (columns / 4) === 0;
  const fits = bytesOfTile(tile) <= MOST_BYTES && invocations <= MOST_INVOCATIONS;
  if (whole && fours && spread && fits) return;
  throw new BackendError(
    `Cannot tile a product by ${nameOfTile(tile)}: blocks must be multiples of 4 that divide ` +
      `the tile, ${invocations} invocations must be at most ${MOST_INVOCATIONS} and a multiple of ` +
      `a quarter of each side, ${bytesOfTile(tile)} bytes at most ${MOST_BYTES}`,
  );
}
