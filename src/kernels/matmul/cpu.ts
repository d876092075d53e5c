/**
 * What a matrix product asks of the cpu: see cpu.as.ts for how it works.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import { blockOf, tasksFor } from "../cpu_tasks.ts";
import type { CpuCall, CpuProgram, Spec } from "../kernel.ts";
import { withColumnSums } from "./cpu_sums.ts";
import { thinProgram } from "./cpu_thin.ts";
import { type MatmulParams, type MatmulSizes, matmulSizes } from "./sizes.ts";

/** Columns of a panel of B. */
const WIDTH = 8;
/** Most steps along k that a panel holds at once: 16 KiB, half of a first-level cache. */
const DEPTH = 512;
/** Most rows of a task: with DEPTH 256 KiB, a part of a second-level cache. */
const ROWS = 128;
/** Most panels of a task: its part of C stays in the second-level cache, too. */
const PANELS = 64;
/** Elements of B that are worth a task of packing. */
const PACKED = 32768;

/** How rows of A are read, as cpu.as.ts knows it. */
const AS_IT_LIES = 0, COPIED = 1, TRANSPOSED = 2;

/** A whole batch that shares B is one product with more rows. */
function joined(sizes: MatmulSizes, a: Spec, { transposeA }: MatmulParams): MatmulSizes {
  const { batch, batchStridesB, M, K } = sizes;
  const dense = sizeOf(a.shape) === sizeOf(batch) * M * K;
  if (transposeA || !dense || batchStridesB.some((stride) => stride !== 0)) return sizes;
  return { ...sizes, M: M * sizeOf(batch), batch: [], batchStridesA: [], batchStridesB: [] };
}

/** C, and where they are asked for the sums of op(B) by the calls of `sum`. */
export function matmulCpu(
  [a, b]: readonly [Spec, Spec],
  [c, sums]: readonly [c: Spec, sums: Spec | undefined],
  params: MatmulParams,
): CpuProgram | undefined {
  const product = productCpu(a, b, c, params);
  return sums === undefined ? product : withColumnSums(product, b, { sums, params });
}

/** Panels of B in scratch memory, then tasks that each make a block of C from them. */
function productCpu(a: Spec, b: Spec, c: Spec, params: MatmulParams): CpuProgram {
  if (sizeOf(c.shape) === 0) return { calls: [] };
  const sizes = joined(matmulSizes(a, b, params), a, params);
  const thin = thinProgram(sizes, params);
  if (thin !== undefined) return thin;
  const { M, N, K, batch, batchStridesA, batchStridesB } = sizes;
  const panels = Math.ceil(N / WIDTH), count = sizeOf(batch);
  const wanted = tasksFor(2 * M * N * K * count) / count;
  const blockM = blockOf(M, Math.max(M / ROWS, Math.min(wanted, M / 32)), 4);
  const blocksM = Math.ceil(M / blockM);
  const blockN = blockOf(panels, Math.max(panels / PANELS, wanted / blocksM));
  const blockK = blockOf(K, Math.ceil(K / DEPTH), 4);
  // Rows that lie a power of two apart would push each other out of the caches.
  const stage = params.transposeA ? TRANSPOSED : K < DEPTH ? AS_IT_LIES : COPIED;
  const stepA = 4 * (params.transposeA ? M : K);
  const axes = batch.map((size, axis) => {
    return [size, batchStridesA[axis]! * M * K, batchStridesB[axis]! * panels * WIDTH * K];
  });
  const words = [M, N, K, stepA, stage, blockM, blockN, blockK];
  const product: CpuCall = {
    entry: "matmul",
    tasks: count * blocksM * Math.ceil(panels / blockN),
    operands: [0, 3, 2],
    words: [...words, batch.length, ...axes.reverse().flat()],
  };
  const matrices = K === 0 ? 0 : sizeOf(b.shape) / (K * N);
  const chunk = blockOf(panels, panels * WIDTH * K / PACKED);
  const pack: CpuCall = {
    entry: "matmulPack",
    tasks: matrices * Math.ceil(panels / chunk),
    operands: [1, 3],
    words: [N, K, Number(params.transposeB), chunk],
  };
  return {
    scratch: [{ shape: [matrices, panels, K, WIDTH], dtype: "f32" }],
    calls: [pack, product],
  };
}
