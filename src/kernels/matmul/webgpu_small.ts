/**
 * Few outputs, long sums: a workgroup computes a 16x16 or 8x8 block of C, and its invocations share
 * the steps along k. One dispatch, no scratch memory.
 *
 * [64, 1568] [1568, 128] has 2 tiles of 64x64 and 8 of 32x32, which leaves a GPU of 128 workgroups
 * and more nearly idle. As 8x8 blocks it has 128 workgroups; in each, 4 invocations hold 4x4 of the
 * block, 64 times, and each of the 64 lanes takes every 64th quad of steps. In the end lanes join
 * their registers in a tree in workgroup memory, 6 rounds. What it costs: a block of 8x8 makes 2
 * FLOP per byte that it loads, 16x16 makes 4, so it pays only where larger tiles are too few.
 *
 * @module
 */
import type { MatmulCall, Way } from "./call.ts";
import type { Spread } from "./direct.ts";
import { direct } from "./webgpu_direct.ts";

/** Most lanes of a block; each should have a few quads of steps. */
function lanesFor(K: number, most: number): number {
  const quads = Math.ceil(K / 4 / 2);
  return Math.min(most, 2 ** Math.max(1, Math.floor(Math.log2(Math.max(1, quads)))));
}

/** Blocks of `edge` x `edge`; how many workgroups they make comes with them. */
export function small(call: MatmulCall, edge: 8 | 16): Way & { readonly groups: number } {
  const { sizes: { K, N }, params: { transposeA, transposeB } } = call;
  const beside = edge / 4, width = N % 4 === 0 ? 4 : 1;
  const spread: Spread = {
    rows: 4,
    vectors: 4 / width,
    down: beside,
    across: beside,
    lanes: lanesFor(K, 256 / beside ** 2),
    // Where neither factor lies along k, neighbours along k would read rows far apart.
    nearest: transposeA && !transposeB ? "columns" : "k",
  };
  return direct(`small ${edge}x${edge},`, call, { spread });
}
