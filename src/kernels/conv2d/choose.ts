/**
 * Which ways there are for a convolution and its gradients, and their order for a GPU that nobody
 * has measured. Decided by the shapes alone, so that equal calls give equal bits.
 *
 * @module
 */
import { workgroupsOf } from "../tiles/product.ts";
import type { Tile } from "../tiles/tile.ts";
import type { Cut } from "./webgpu_product.ts";

/** Workgroups that keep a GPU busy: 16 to 128 cores that each want a few. */
const BUSY = 128;
/** Least steps along k of a share: 8 rounds of 16, so that adding up parts costs little beside. */
const SHARE = 128;
/** Up to so many channels a tile's rounds along k, or its columns, would be mostly empty. */
export const FEW_CHANNELS = 4;

const TILES: readonly Tile[] = [
  { rows: 128, columns: 64, depth: 16, each: [8, 8] },
  { rows: 64, columns: 64, depth: 16, each: [8, 4] },
  { rows: 64, columns: 32, depth: 16, each: [4, 4] },
  { rows: 32, columns: 32, depth: 16, each: [4, 4] },
  { rows: 64, columns: 16, depth: 16, each: [4, 4] },
];

/** Sizes of a product. */
export interface ProductSizes {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly planes: number;
}

/**
 * Tiles that suit a product, the best guess first. The largest whose columns are not mostly empty
 * and which still gives enough workgroups: a 64x64 tile does 16 FLOP per byte that it reads, 64x32
 * 10.7, 32x32 8, 64x16 6.4. Where even the smallest are too few, several share the steps along k.
 */
export function cutsOf(sizes: ProductSizes): readonly Cut[] {
  const { N, K } = sizes;
  const narrowest = Math.min(...TILES.map(({ columns }) => columns));
  const fitting = TILES.filter(({ columns }) => columns < 2 * Math.max(N, narrowest / 2 + 1));
  const groups = (tile: Tile) => workgroupsOf({ ...sizes, chunk: Math.max(1, K) }, tile);
  const enough = fitting.filter((tile) => groups(tile) >= BUSY);
  const [first = fitting.at(-1)!, ...others] = enough;
  const shares = (tile: Tile): number => {
    const wanted = Math.ceil(BUSY / groups(tile));
    // Whole rounds: rounding their number down gives as many shares as are wanted, or more.
    const length = Math.max(SHARE, Math.floor(K / wanted / tile.depth) * tile.depth);
    return wanted === 1 ? 1 : Math.max(1, Math.min(Math.ceil(K / length), Math.floor(K / SHARE)));
  };
  return [first, ...others, ...fitting.filter((tile) => tile !== first && !others.includes(tile))]
    .map((tile) => ({ tile, splits: shares(tile) }));
}
