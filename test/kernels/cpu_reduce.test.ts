import * as fc from "fast-check";
import { suite } from "uvu";
import * as kernels from "../../src/kernels/mod.ts";
import { type Shape, sizeOf } from "../../src/shape.ts";
import { assertCpu, uniform, whole } from "../support/cpu.ts";
import type { Tolerance } from "../support/devices.ts";
import { host } from "../support/parity.ts";

const test = suite("reductions on the cpu");

const NAMES = ["sum", "mean", "max", "min", "argmax", "argmin"] as const;

// Rows, columns, few and many of them, the middle, axes apart; short, and long enough to be cut.
const CASES: readonly (readonly [Shape, readonly number[]])[] = [
  [[], []],
  [[7], []],
  [[5, 1, 3], [1]],
  [[3, 7], [1]],
  [[3, 7], [0]],
  [[33, 65], [1]],
  [[129, 67], [0]],
  [[3, 5, 7], [0, 2]],
  [[6, 4, 3, 2, 5], [0, 2, 4]],
  [[6, 4, 3, 2, 5], [1, 3]],
  [[2, 5003], [1]],
  [[5003, 3], [0]],
  [[40, 41, 17], [0, 2]],
  [[128, 10], [0]],
  [[7, 1000, 6], [1]],
  [[4096, 24], [0]],
  [[300, 1100], [0]],
  // Short rows, and narrow columns with rows left over.
  [[1001, 2], [1]],
  [[501, 16], [1]],
  [[77, 13, 9], [2]],
  [[1, 5], [1]],
  [[100_003, 3], [0]],
  [[70_001, 5], [0]],
  [[3, 9001, 2], [1]],
  [[37, 1], [0]],
  [[2, 300_000], [1]],
  [[300_001], [0]],
  [[4, 0], [0]],
];

/** Sums are at most two levels of chains of some hundred. */
function tolerance(name: string, count: number): Tolerance {
  if (name === "sum") return { rtol: 1e-6, atol: 1e-7 * Math.sqrt(count) * Math.log2(count + 2) };
  return name === "mean" ? { rtol: 1e-6, atol: 2e-7 } : { rtol: 0, atol: 0 };
}

for (const name of NAMES) {
  test(`${name}() equals the reference`, async () => {
    for (const [shape, axes] of CASES) {
      const count = sizeOf(axes.map((axis) => shape[axis]!));
      const params = { axes, keepAxes: false };
      await assertCpu(
        kernels[name],
        { inputs: [uniform(shape, 3)], params },
        tolerance(name, count),
      );
      if (name === "mean" || sizeOf(shape) > 200_000) continue;
      for (const dtype of ["i32", "u32"] as const) {
        const x = whole(shape, 8, { low: dtype === "i32" ? -3 : 0, high: 3, dtype });
        await assertCpu(kernels[name], { inputs: [x], params });
      }
    }
  });
}

test("any shape over any axes equals the reference", async () => {
  const property = fc.asyncProperty(
    fc.constantFrom(...NAMES),
    fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.boolean()), { maxLength: 4 }),
    fc.boolean(),
    async (name, sizes, keepAxes) => {
      const shape = sizes.map(([size]) => size);
      const axes = [...sizes.keys()].filter((axis) => sizes[axis]![1]);
      const near = tolerance(name, sizeOf(axes.map((axis) => shape[axis]!)));
      const inputs = [uniform(shape, sizeOf(shape))];
      await assertCpu(kernels[name], { inputs, params: { axes, keepAxes } }, near);
    },
  );
  await fc.assert(property, { seed: 4, numRuns: 150 });
});

test("sum() of nothing is 0", async () => {
  const params = { axes: [0], keepAxes: true };
  await assertCpu(kernels.sum, { inputs: [uniform([0, 5], 1)], params });
});

test("integers wrap around and compare by their type", async () => {
  for (const dtype of ["i32", "u32"] as const) {
    const range = dtype === "i32" ? { low: -(2 ** 31), high: 2 ** 31 } : { low: 0, high: 2 ** 32 };
    for (const name of ["sum", "max", "min", "argmax", "argmin"] as const) {
      for (const axes of [[0], [1], [0, 1]]) {
        const inputs = [whole([50, 41], 9, { ...range, dtype })];
        await assertCpu(kernels[name], { inputs, params: { axes, keepAxes: false } });
      }
    }
  }
});

test("extremes pass over NaN unless it comes first", async () => {
  const values = Array.from({ length: 6000 }, (_, i) => i % 7 === 3 || i < 2 ? NaN : Math.sin(i));
  for (const name of ["max", "min", "argmax", "argmin"] as const) {
    for (const shape of [[12, 500], [1500, 4], [120, 50], [2000, 3]]) {
      for (const axes of [[0], [1], [0, 1]]) {
        const inputs = [host(shape, values)];
        await assertCpu(kernels[name], { inputs, params: { axes, keepAxes: false } });
      }
    }
  }
});

test.run();
