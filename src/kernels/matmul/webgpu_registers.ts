/**
 * Blocks of C in registers, read straight from global memory: no workgroup memory, no waiting.
 *
 * An invocation with r x s of C reads r + s numbers for r s multiply-adds: 4x4 makes 4 FLOP per byte
 * of loads, 8x4 makes 5.3 and 16x8 makes 10.7. That neighbours read the same rows and columns is left
 * to the caches, and so a GPU is faster with staging wherever there are tiles enough; 16x8 also takes
 * 128 registers for its sums. Adapters in software run this best: waiting is dear for them, workgroup
 * memory is memory like any other, and a load costs them several multiply-adds. On SwiftShader,
 * 1024x1024x1024 in GFLOP/s: 0.26 naive, 1.9 with 4x4, 2.5 with 8x4 and 3.5 with 16x8.
 *
 * @module
 */
import type { MatmulCall, Way } from "./call.ts";
import { direct } from "./webgpu_direct.ts";
import { storeWidth } from "./output.ts";

/** Rows and columns of an invocation, and the elements of C from which on there are enough of them. */
const BLOCKS = [[16, 8, 2 ** 15], [8, 4, 2 ** 10], [4, 4, 0]] as const;
/** Invocations of a workgroup, and at most how many of them side by side. */
const INVOCATIONS = 64, ACROSS = 16;

function block(call: MatmulCall, rows: number, columns: number): Way {
  const { N } = call.sizes, width = storeWidth(call.sizes);
  const vectors = Math.min(columns, N) / width;
  // Narrow results have more rows to a workgroup instead of columns that nobody needs.
  const wanted = 2 ** Math.ceil(Math.log2(Math.ceil(N / width / vectors)));
  const across = Math.min(ACROSS, wanted);
  const beside = { down: INVOCATIONS / across, across, lanes: 1, nearest: "columns" } as const;
  return direct("registers", call, { spread: { rows, vectors, ...beside } });
}

/** The ways of a call, in the largest blocks of which there are enough first. */
export function registers(call: MatmulCall): readonly Way[] {
  const { sizes: { M, N }, planes } = call;
  const fits = ([rows, , from]: readonly [number, number, number]): boolean => {
    return rows === 4 || M >= rows && M * N * planes >= from;
  };
  return BLOCKS.filter(fits)
    .map(([rows, columns]) => block(call, rows, columns));
}
