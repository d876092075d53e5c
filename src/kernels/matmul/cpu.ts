import { sizeOf } from "../../shape.ts";
import type { CpuCall, CpuProgram, Spec } from "../kernel.ts";
import { type MatmulParams, type MatmulSizes, matmulSizes } from "./sizes.ts";

/** Columns of a panel of B, see cpu.as.ts. */
const WIDTH = 8;
/** Most steps along k that a panel holds at once: 16 KiB, half of a first-level cache. */
const DEPTH = 512;
/** Most rows of a task: with DEPTH 256 KiB, a part of a second-level cache. */
const ROWS = 128;
/** Work that is worth a task of its own: some 30 microseconds. */
const TASK_FLOPS = 1.5e6;
/** As many tasks as keep the threads of a large machine busy to the end. */
const MOST_TASKS = 64;

/** How rows of A are brought in, as cpu.as.ts knows it; convolution has a third way, 1. */
const AS_IT_LIES = 0, TRANSPOSED = 2;

/** Cuts `size` into at most `parts` equal blocks, each a multiple of `unit`: how large they are. */
function blockOf(size: number, parts: number, unit: number): number {
  return Math.max(unit, Math.ceil(size / parts / unit) * unit);
}

/** What a product is told about its batch: axes, innermost first, with matrices to skip. */
function axesOf(sizes: MatmulSizes, elementsA: number, elementsB: number): number[] {
  const { batch, batchStridesA, batchStridesB } = sizes;
  return batch.map((size, axis) => {
    return [size, batchStridesA[axis]! * elementsA, batchStridesB[axis]! * elementsB];
  }).reverse().flat();
}

/** A whole batch that shares B is one product with more rows. */
function joined(sizes: MatmulSizes, a: Spec, { transposeA }: MatmulParams): MatmulSizes {
  const { batch, batchStridesB, M, K } = sizes;
  const dense = sizeOf(a.shape) === sizeOf(batch) * M * K;
  if (transposeA || !dense || batchStridesB.some((stride) => stride !== 0)) return sizes;
  return { ...sizes, M: M * sizeOf(batch), batch: [], batchStridesA: [], batchStridesB: [] };
}

/** Panels of B in scratch memory, then tasks that each make a block of C from them. */
export function matmulCpu(a: Spec, b: Spec, c: Spec, params: MatmulParams): CpuProgram {
  if (sizeOf(c.shape) === 0) return { calls: [] };
  const sizes = joined(matmulSizes(a, b, params), a, params);
  const { M, N, K, batch } = sizes;
  const panels = Math.ceil(N / WIDTH), matricesB = K === 0 ? 0 : sizeOf(b.shape) / (K * N);
  const count = sizeOf(batch);
  const wanted = Math.min(MOST_TASKS, Math.max(1, 2 * M * N * K * count / TASK_FLOPS));
  const partsM = Math.max(M / ROWS, Math.min(wanted / count, M / 32));
  const blockM = blockOf(M, partsM, 4);
  const blocksM = Math.ceil(M / blockM);
  const blockN = blockOf(panels, Math.max(1, wanted / count / blocksM), 1);
  const blockK = blockOf(K, Math.max(1, Math.ceil(K / DEPTH)), 4);
  const stage = params.transposeA ? TRANSPOSED : AS_IT_LIES;
  const pack = packing({ N, K, panels, matricesB }, params);
  const words = [
    M,
    N,
    K,
    4 * (params.transposeA ? M : K),
    stage,
    4 * WIDTH,
    4 * WIDTH * K,
    blockM,
    blockN,
    blockK,
    batch.length,
    ...axesOf(sizes, M * K, panels * K * WIDTH),
  ];
  const tasks = count * blocksM * Math.ceil(panels / blockN);
  return {
    scratch: [{ shape: [matricesB, panels, K, WIDTH], dtype: "f32" }],
    calls: [pack, { entry: "matmul", tasks, operands: [0, 3, 2], words }],
  };
}

interface Packing {
  readonly N: number;
  readonly K: number;
  readonly panels: number;
  readonly matricesB: number;
}

/** The call that copies all of B to panels. */
function packing({ N, K, panels, matricesB }: Packing, { transposeB }: MatmulParams): CpuCall {
  const chunk = blockOf(panels, Math.max(1, panels * K * WIDTH / 32768), 1);
  return {
    entry: "matmulPack",
    tasks: matricesB * Math.ceil(panels / chunk),
    operands: [1, 3],
    words: [N, K, Number(transposeB), panels, chunk],
  };
}
