/**
 * Which ways there are for a product, and their order for a GPU that nobody has measured. Decided by
 * the shapes alone, so that equal calls give equal bits.
 *
 * @module
 */
import type { MatmulCall, Way } from "./call.ts";
import { blocked, TILES, tilesOf } from "./webgpu_blocked.ts";
import { naive } from "./webgpu_naive.ts";
import { registers } from "./webgpu_registers.ts";
import { small } from "./webgpu_small.ts";
import { isThin, thin } from "./webgpu_thin.ts";
import { tiled } from "./webgpu_tiled.ts";

/** Workgroups that keep a GPU busy: 16 to 128 cores that each want a few. */
const BUSY = 128;
/** Tiles of which there must be this many before larger ones go first: each core has some, still. */
const PLENTY = 512;
/** Least steps along k of a share: 8 rounds of 16, so that summing parts costs little beside. */
const SHARE = 128;
/** Steps along k of a round: the depth of all tiles. */
const ROUND = 16;
/** Most steps along k that the lanes of one workgroup should share: 16 quads for each of 64. */
const LONG = 4096;

/** How many shares of k make tiles fill a GPU; fewer, down to 1, where k is too short for that. */
function sharesOf({ sizes: { K } }: MatmulCall, tiles: number): number {
  const wanted = Math.ceil(BUSY / tiles);
  // Shares are whole rounds: rounding their length down gives as many as are wanted, or more.
  const length = Math.max(SHARE, Math.floor(K / wanted / ROUND) * ROUND);
  return Math.max(1, Math.min(Math.ceil(K / length), Math.floor(K / SHARE)));
}

/** Tiles with shares of k, the ones that use the loaded numbers most often first. */
function splitTiles(call: MatmulCall): readonly Way[] {
  const { N } = call.sizes, M = call.sizes.M;
  const tile = N <= 16 ? TILES["64x16 by 4x4"] : M <= 16 ? TILES["16x64 by 4x4"] : undefined;
  const tiles = tile ? [tile] : [TILES["64x64 by 4x4"], TILES["32x32 by 4x4"]];
  return tiles.flatMap((it) => {
    const count = tilesOf(call, it), shares = sharesOf(call, count);
    return shares === 1 ? [] : [blocked(it, shares)];
  });
}

/** The ways with tiles or lanes, best first. */
function staged(call: MatmulCall): readonly Way[] {
  const { M, N, K } = call.sizes;
  const way = (name: keyof typeof TILES): Way => blocked(TILES[name]);
  const count = (name: keyof typeof TILES): number => tilesOf(call, TILES[name]);
  // A side of at most 16 would leave three quarters of a 64x64 tile empty.
  if (Math.min(M, N) <= 16) {
    const name = N <= 16 ? "64x16 by 4x4" : "16x64 by 4x4";
    if (count(name) >= BUSY) return [way(name), way("32x32 by 4x4")];
  } else if (count("64x64 by 4x4") >= BUSY) {
    const large = count("128x64 by 8x8") >= BUSY ? [way("128x64 by 8x8")] : [];
    const middle = [way("64x64 by 8x4"), way("64x64 by 4x4")];
    const [first, ...rest] = count("128x64 by 8x8") >= PLENTY
      ? [...large, ...middle]
      : [...middle, ...large];
    return [first!, ...rest, way("32x32 by 4x4")];
  } else if (count("32x32 by 4x4") >= BUSY) {
    return [way("32x32 by 4x4"), way("64x64 by 8x4"), ...splitTiles(call)];
  }
  // Few tiles: workgroups share k by lanes, the largest blocks that still fill the GPU first.
  const blocks = [small(call, 16), small(call, 8)];
  if (blocks[0]!.groups < BUSY) blocks.reverse();
  const split = splitTiles(call);
  const ways = K > LONG && blocks[0]!.groups < BUSY ? [...split, ...blocks] : [...blocks, ...split];
  return [...ways, way("32x32 by 4x4")];
}

/** All ways of a call, best first; of nothing, the one that is right for it. */
export function waysOf(call: MatmulCall): readonly Way[] {
  if (call.sizes.M === 0 || call.sizes.K === 0) return [naive];
  const first = isThin(call) ? thin(call) : staged(call);
  return [...first, ...registers(call), tiled, naive];
}
