/**
 * What a matrix product is told, and the sizes that follow from its operands.
 *
 * @module
 */
import { isFloat } from "../../dtype.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { broadcastShapes, broadcastStrides, formatShape, type Shape } from "../../shape.ts";
import type { Spec } from "../kernel.ts";

/** Which operands are transposed, and what else is computed. */
export interface MatmulParams {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /**
   * A second output [...batch, N]: the sums of op(B) over K. Beside a weight gradient x^T g they are
   * the gradient of the bias. Default false.
   */
  readonly columnSums?: boolean;
}

/** The sizes of a product: [M, K] times [K, N], for every index of the batch. */
export interface MatmulSizes {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  /** Leading axes of the result. */
  readonly batch: Shape;
  /** Matrices to skip per step along each axis of the batch; 0 where an operand is shared. */
  readonly batchStridesA: readonly number[];
  readonly batchStridesB: readonly number[];
}

/** Checks the operands and gives the sizes. */
export function matmulSizes(
  a: Spec,
  b: Spec,
  { transposeA, transposeB }: MatmulParams,
): MatmulSizes {
  const said = `Cannot multiply matrices of shapes ${formatShape(a.shape)} and ${
    formatShape(b.shape)
  }`;
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw new ShapeError(`${said}: both must have at least two axes`);
  }
  if (a.dtype !== b.dtype || !isFloat(a.dtype)) {
    throw new DTypeError(`${said}: types ${a.dtype} and ${b.dtype} must both be f32 or both f64`);
  }
  const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
  const [M, K] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [inner, N] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB];
  if (K !== inner) throw new ShapeError(`${said}: inner sizes ${K} and ${inner} must be equal`);
  const batchA = a.shape.slice(0, -2), batchB = b.shape.slice(0, -2);
  const batch = broadcastShapes("multiply matrices over", [batchA, batchB]);
  return {
    M,
    N,
    K,
    batch,
    batchStridesA: broadcastStrides(batchA, batch),
    batchStridesB: broadcastStrides(batchB, batch),
  };
}
