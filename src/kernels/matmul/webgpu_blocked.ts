/**
 * Third rung, and what large products run on: blocks of C in registers, blocks of A and B in
 * workgroup memory (src/kernels/tiles).
 *
 * A workgroup that computes R x S of C reads R + S numbers from global memory for R S multiply-adds:
 * R S / (2 (R + S)) FLOP per byte, 16 for 64x64, 21 for 128x64 and 8 for 32x32. An invocation that
 * keeps r x s of it in registers reads r + s numbers from workgroup memory for r s multiply-adds:
 * r s / (r + s) per read, 2 for 4x4, 2.7 for 8x4 and 4 for 8x8. Larger is better until registers
 * run out (8x8 holds 64 sums) or tiles become too few to fill the GPU; then several workgroups share
 * the steps along k of one tile, each leaves a part of the sum, and a second dispatch adds up the
 * parts, always in the same order.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import { figuresOf, tiledProduct, workgroupsOf } from "../tiles/product.ts";
import { sumParts } from "../tiles/sum_parts.ts";
import { nameOfTile, type Tile } from "../tiles/tile.ts";
import { declareVectors } from "../vectors.ts";
import type { MatmulCall, Way } from "./call.ts";
import { factorsOf } from "./factors.ts";
import { programOf, storeParts, storeQuads, storeWidth } from "./output.ts";
import type { MatmulSizes } from "./sizes.ts";

/** Names of the tiles. */
export type TileName =
  | "128x64 by 8x8"
  | "64x64 by 8x4"
  | "64x64 by 4x4"
  | "32x32 by 4x4"
  | "64x16 by 4x4"
  | "16x64 by 4x4";

/** The tiles; the names say rows x columns of C per workgroup, and per invocation. */
export const TILES: Readonly<Record<TileName, Tile>> = {
  "128x64 by 8x8": { rows: 128, columns: 64, depth: 16, each: [8, 8] },
  "64x64 by 8x4": { rows: 64, columns: 64, depth: 16, each: [8, 4] },
  "64x64 by 4x4": { rows: 64, columns: 64, depth: 16, each: [4, 4] },
  "32x32 by 4x4": { rows: 32, columns: 32, depth: 16, each: [4, 4] },
  "64x16 by 4x4": { rows: 64, columns: 16, depth: 16, each: [4, 4] },
  "16x64 by 4x4": { rows: 16, columns: 64, depth: 16, each: [4, 4] },
};

/** Workgroups that a tile makes of a call, all steps along k in one. */
export function tilesOf({ sizes, params, planes }: MatmulCall, tile: Tile): number {
  const { rows } = factorsOf(sizes, params);
  return workgroupsOf({ ...sizes, M: rows, planes, chunk: sizes.K }, tile);
}

/** Steps along k of each share: whole rounds. */
function chunkOf({ K }: MatmulSizes, { depth }: Tile, splits: number): number {
  return Math.max(1, Math.ceil(K / splits / depth)) * depth;
}

/** Products by tiles, in about `splits` shares of k. */
export function blocked(tile: Tile, splits = 1): Way {
  return {
    name: `blocked ${nameOfTile(tile)}${splits === 1 ? "" : `, k in ${splits}`}`,
    waits: true,
    figures({ sizes, params, planes }) {
      const { rows } = factorsOf(sizes, params), chunk = chunkOf(sizes, tile, splits);
      return figuresOf({ ...sizes, M: rows, planes, chunk }, tile);
    },
    program({ sizes, params, planes }, epilogue) {
      const { M, N, K, batch } = sizes, { columnSums = false } = params;
      const factors = factorsOf(sizes, params), { a, b, rows } = factors;
      const chunk = chunkOf(sizes, tile, splits);
      const parts = Math.max(1, Math.ceil(K / chunk)), width = storeWidth(sizes);
      const product = { M: rows, N, K, a, b, planes, chunk };
      if (parts === 1) {
        const launch = tiledProduct({ ...product, store: storeQuads(sizes, params) }, tile);
        return programOf(launch, factors, { params, width, epilogue });
      }
      const cut = planes * M * N, size = cut + (columnSums ? sizeOf(batch) * N : 0);
      const store = storeParts(sizes, params, size);
      const { code, workgroups } = tiledProduct({ ...product, store }, tile);
      const buffers = declareVectors([["a", a.width], ["b", b.width], ["c", width]], 2);
      const sums = columnSums ? [4, 2, 3] as const : [3, 2] as const;
      return {
        scratch: [{ shape: [parts, size], dtype: "f32" }],
        dispatches: [
          { code: `${buffers}\n${code}`, operands: [0, 1, sums[0]], workgroups },
          sumParts({ splits: parts, size, cut }, sums, epilogue),
        ],
      };
    },
  };
}
