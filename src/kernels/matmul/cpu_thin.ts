/**
 * What a matrix product with a thin side asks of the cpu: see cpu_thin.as.ts for how it works.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import { blockOf } from "../cpu_tasks.ts";
import type { CpuCall, CpuProgram } from "../kernel.ts";
import type { MatmulParams, MatmulSizes } from "./sizes.ts";

/** Rows or columns of which a panel of 8 would be partly empty. */
const THIN = 7;
/** Elements of the large operand that are worth a task of their own: 256 KiB. */
const TASK_ELEMENTS = 65536;
/** Least and most rows of a task of `matmulDots`, and columns of one of `matmulWide`. */
const ROWS = [4, 1000] as const, COLUMNS = [256, 512] as const;

/** One side of a product: the rows of A or the columns of B. */
interface Side {
  /** Its operand's place among the inputs. */
  readonly operand: number;
  /** Matrices to skip per step along each axis of the batch. */
  readonly strides: readonly number[];
  /** Whether k is the innermost axis of its operand. */
  readonly alongK: boolean;
  /** How many rows or columns. */
  readonly size: number;
  /** Bytes in C from one to the next. */
  readonly step: number;
}

/** A product of which one side is thin; undefined where none is. */
export function thinProgram(
  sizes: MatmulSizes,
  { transposeA, transposeB }: MatmulParams,
): CpuProgram | undefined {
  const { M, N, batchStridesA: stridesA, batchStridesB: stridesB } = sizes;
  const a: Side = { operand: 0, strides: stridesA, alongK: !transposeA, size: M, step: 4 * N };
  const b: Side = { operand: 1, strides: stridesB, alongK: transposeB, size: N, step: 4 };
  if (N <= THIN && N <= M) return productOf(a, b, sizes);
  return M <= THIN ? productOf(b, a, sizes) : undefined;
}

function productOf(large: Side, thin: Side, { K, batch, M, N }: MatmulSizes): CpuProgram {
  const [least, most] = large.alongK ? ROWS : COLUMNS;
  const wanted = Math.floor(Math.min(large.size * K / TASK_ELEMENTS, large.size / least));
  const block = blockOf(large.size, Math.max(wanted, large.size / most), 4);
  // Sums of products need both with k innermost: a thin operand that lies across is turned first.
  const turns = large.alongK && !thin.alongK && thin.size > 1 && K > 1;
  const [stepThin, stepK] = thin.alongK ? [4 * K, 4] : [4, 4 * thin.size];
  const axes = batch.map((size, axis) => {
    return [size, large.strides[axis]! * large.size * K, thin.strides[axis]! * thin.size * K];
  });
  const words = [large.size, thin.size, K, block, large.step, thin.step, stepThin, stepK, M * N];
  const product: CpuCall = {
    entry: large.alongK ? "matmulDots" : "matmulWide",
    tasks: sizeOf(batch) * Math.ceil(large.size / block),
    operands: [large.operand, turns ? 3 : thin.operand, 2],
    words: [...words, batch.length, ...axes.reverse().flat()],
  };
  if (!turns) return { calls: [product] };
  const matrices = sizeOf(batch.filter((_, axis) => thin.strides[axis] !== 0));
  const turn: CpuCall = {
    entry: "matmulTranspose",
    tasks: matrices,
    operands: [thin.operand, 3],
    words: [K, thin.size],
  };
  return {
    scratch: [{ shape: [matrices, thin.size, K], dtype: "f32" }],
    calls: [turn, product],
  };
}
