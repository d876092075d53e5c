import * as fc from "fast-check";
import { suite } from "uvu";
import { matmul } from "../../src/kernels/mod.ts";
import { type Shape, sizeOf } from "../../src/shape.ts";
import { assertCpu, uniform } from "../support/cpu.ts";
import type { Tolerance } from "../support/devices.ts";

const test = suite("matmul on the cpu");

/** The sizes of a product, and what lies across. */
interface Product {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly batchA?: Shape;
  readonly batchB?: Shape;
}

/** Sums of K products of numbers below 1 in magnitude, one after the other in f32. */
function tolerance(K: number): Tolerance {
  return { rtol: 1e-6, atol: 3e-7 * (1 + K ** 0.75) };
}

async function compare(product: Product): Promise<void> {
  const { M, N, K, transposeA = false, transposeB = false, batchA = [], batchB = [] } = product;
  const a = uniform([...batchA, ...(transposeA ? [K, M] : [M, K])], 1);
  const b = uniform([...batchB, ...(transposeB ? [N, K] : [K, N])], 2);
  await assertCpu(matmul, { inputs: [a, b], params: { transposeA, transposeB } }, tolerance(K));
}

const WAYS = [[false, false], [false, true], [true, false], [true, true]] as const;

async function compareAll(product: Omit<Product, "transposeA" | "transposeB">): Promise<void> {
  for (const [transposeA, transposeB] of WAYS) {
    await compare({ ...product, transposeA, transposeB });
  }
}

test("products of all sizes around those of a tile and a panel equal the reference", async () => {
  const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 31];
  for (const M of sizes) {
    for (const N of sizes) await compareAll({ M, N, K: 1 + (M * 5 + N * 3) % 19 });
  }
});

test("products that are cut into blocks and tasks equal the reference", async () => {
  for (
    const [M, N, K] of [[257, 131, 70], [65, 67, 1030], [300, 520, 513], [8, 700, 600]] as const
  ) {
    await compareAll({ M, N, K });
  }
});

test("products with a thin side equal the reference", async () => {
  for (const thin of [1, 2, 3, 4, 5, 6, 7]) {
    for (const [long, K] of [[1, 1], [9, 5], [1025, 130], [1030, 67]] as const) {
      await compareAll({ M: thin, N: long, K });
      await compareAll({ M: long, N: thin, K });
    }
  }
});

test("products over nothing are 0, and nothing is left out of nothing", async () => {
  for (
    const [M, N, K] of [[5, 9, 0], [1, 9, 0], [9, 1, 0], [0, 4, 3], [4, 0, 3], [0, 0, 0]] as const
  ) {
    await compareAll({ M, N, K });
    await compareAll({ M, N, K, batchA: [3], batchB: [3] });
  }
});

test("batches that match, broadcast or are empty equal the reference", async () => {
  const batches: readonly (readonly [Shape, Shape])[] = [
    [[3], [3]],
    [[3], []],
    [[], [3]],
    [[2, 3], [3]],
    [[2, 1], [1, 3]],
    [[1], [5]],
    [[0], [0]],
  ];
  for (const [batchA, batchB] of batches) {
    for (const [M, N, K] of [[5, 9, 7], [1, 9, 7], [9, 2, 7], [33, 40, 17]] as const) {
      await compareAll({ M, N, K, batchA, batchB });
    }
  }
});

test("products of any kind equal the reference", async () => {
  const size = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 10, max: 140 }));
  const batch = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 });
  const property = fc.asyncProperty(
    fc.tuple(size, size, size),
    fc.tuple(fc.boolean(), fc.boolean()),
    fc.tuple(batch, fc.nat(3)),
    async ([M, N, K], [transposeA, transposeB], [shared, kind]) => {
      if (M * N * K * sizeOf(shared) > 4e5) return;
      // Alike, one operand without a batch, or one with a batch of ones.
      const batchA = kind === 1 ? [] : shared;
      const batchB = kind === 2 ? [] : kind === 3 ? shared.map(() => 1) : shared;
      await compare({ M, N, K, transposeA, transposeB, batchA, batchB });
    },
  );
  await fc.assert(property, { seed: 7, numRuns: 150 });
});

test.run();
