/**
 * Products with a thin side: a vector times a matrix (GEMV), or up to 4 rows or columns.
 *
 * Every number of the large matrix is needed once per row of the thin one, at most 4 times: 2 to 8
 * operations per 4 bytes. Memory is what limits, so the large matrix is read once, in vectors of four
 * by neighbouring invocations, and the thin one comes from the caches. Tiles would be 94 % empty.
 *
 * Where the large matrix lies along k, 64 lanes read a row of it together and join in a tree; where
 * it lies along its outer axis, 8 to 32 neighbours take neighbouring columns, and 8 to 32 lanes share
 * k.
 *
 * @module
 */
import type { MatmulCall, Way } from "./call.ts";
import type { Spread } from "./direct.ts";
import { direct } from "./webgpu_direct.ts";

/** Rows or columns up to which a product is thin. */
const THIN = 4;

/** Whether a side is thin. */
export function isThin({ sizes: { M, N } }: MatmulCall): boolean {
  return Math.min(M, N) <= THIN;
}

/** A power of two up to `value`, between `least` and `most`. */
function powerOfTwo(value: number, [least, most]: readonly [number, number]): number {
  return Math.max(least, Math.min(most, 2 ** Math.floor(Math.log2(Math.max(1, value)))));
}

/** How the long side is spread: `shared` where lanes share k. */
function spreadOf({ sizes, params }: MatmulCall, shared: boolean): Spread {
  const { M, N, K } = sizes, width = N % 4 === 0 ? 4 : 1;
  const rowsThin = M <= THIN && M <= N;
  const alongK = rowsThin ? params.transposeB : !params.transposeA;
  const each = {
    rows: Math.min(4, rowsThin ? M + Number(params.columnSums ?? false) : 4),
    vectors: rowsThin ? 4 / width : Math.ceil(N / width),
  };
  if (!shared) {
    const beside = rowsThin ? { down: 1, across: 64 } : { down: 64, across: 1 };
    return { ...each, ...beside, lanes: 1, nearest: rowsThin ? "columns" : "rows" };
  }
  if (alongK) {
    return { ...each, down: 1, across: 1, lanes: powerOfTwo(K / 4, [2, 64]), nearest: "k" };
  }
  // At least 8 neighbours read 128 bytes together, and at most 32 while that leaves 128 workgroups.
  const blocks = powerOfTwo((rowsThin ? N : M) / 4 / 128, [8, 32]);
  const lanes = powerOfTwo(K / 8, [2, 256 / blocks]);
  return rowsThin
    ? { ...each, down: 1, across: blocks, lanes, nearest: "columns" }
    : { ...each, down: blocks, across: 1, lanes, nearest: "rows" };
}

/** The ways of a call with a thin side: lanes that share k, and one invocation for all of it. */
export function thin(call: MatmulCall): readonly Way[] {
  return [true, false].map((shared) => direct("thin", call, { spread: spreadOf(call, shared) }));
}
