import { sizeOf, stridesOf } from "../../shape.ts";
import type { HostOperand } from "../kernel.ts";
import { addProduct } from "../products.ts";
import { type MatmulParams, matmulSizes } from "./sizes.ts";

/**
 * C[m, n] = sum over k of A[m, k] B[k, n], one batch index after the other, and where they are asked
 * for the sums over k of B[k, n].
 */
export function matmulReference(
  [a, b]: readonly [HostOperand, HostOperand],
  [c, sums]: readonly [c: HostOperand, sums: HostOperand | undefined],
  params: MatmulParams,
): void {
  const { M, N, K, batch, batchStridesA, batchStridesB } = matmulSizes(a, b, params);
  const [rowA, columnA] = params.transposeA ? [1, M] : [K, 1];
  const [rowB, columnB] = params.transposeB ? [1, K] : [N, 1];
  const batchSteps = stridesOf(batch);
  const row = new Float64Array(N);
  for (let index = 0; index < sizeOf(batch); index++) {
    let startA = 0, startB = 0;
    batch.forEach((size, axis) => {
      const x = Math.floor(index / batchSteps[axis]!) % size;
      startA += x * batchStridesA[axis]! * M * K;
      startB += x * batchStridesB[axis]! * K * N;
    });
    for (let m = 0; m < M; m++) {
      row.fill(0);
      const vector = { a: a.data, atA: startA + m * rowA, stepA: columnA };
      addProduct(row, K, { ...vector, b: b.data, atB: startB, stepB: rowB, columnB });
      c.data.set(row, (index * M + m) * N);
    }
    if (sums === undefined) continue;
    row.fill(0);
    for (let k = 0; k < K; k++) {
      for (let n = 0; n < N; n++) row[n]! += b.data[startB + k * rowB + n * columnB]!;
    }
    sums.data.set(row, index * N);
  }
}
