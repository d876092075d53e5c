import { suite } from "uvu";
import {
  crossEntropy,
  crossEntropyGrad,
  logSoftmax,
  logSumExp,
  margin,
  marginGrad,
  softmax,
} from "../../src/kernels/mod.ts";
import type { Shape } from "../../src/shape.ts";
import { assertCpu, uniform, whole } from "../support/cpu.ts";
import { host } from "../support/parity.ts";

const test = suite("softmax and its relatives on the cpu");

const CASES: readonly (readonly [Shape, number])[] = [
  [[7], 0],
  [[3, 1], 1],
  [[128, 10], 1],
  [[33, 1024], 1],
  [[3, 20_001], 1],
  [[5, 7, 3], 1],
  [[6, 5], 0],
  [[2, 3, 4, 5], 2],
  [[3, 100, 64], 1],
  [[0, 5], 1],
];

// e^x loses |x| / 2 units in the last place, which a probability of e^x shows.
test("softmax(), logSoftmax() and logSumExp() equal the reference", async () => {
  for (const [shape, axis] of CASES) {
    for (const reach of [1, 30]) {
      const inputs = [uniform(shape, 2, [-reach, reach])];
      await assertCpu(softmax, { inputs, params: { axis } }, { rtol: 5e-6, atol: 1e-7 });
      await assertCpu(logSoftmax, { inputs, params: { axis } }, { rtol: 2e-6, atol: 1e-6 });
      const params = { axes: [axis], keepAxes: false };
      await assertCpu(logSumExp, { inputs, params }, { rtol: 2e-6, atol: 1e-6 });
    }
  }
});

test("infinities and NaN are as in the reference, and what is excluded gets exactly 0", async () => {
  const low = -Infinity;
  const rows = [
    [1, NaN, 2, 0, 3],
    [1, Infinity, 2, 0, 3],
    [low, low, low, low, low],
    [low, 1, -1e30, 2, -3e38],
    [-120, 0, -88, -90, low],
  ];
  const inputs = [host([5, 5], rows.flat())];
  await assertCpu(softmax, { inputs, params: { axis: 1 } }, { rtol: 5e-6, atol: 1e-37 });
  await assertCpu(logSoftmax, { inputs, params: { axis: 1 } }, { rtol: 2e-6 });
  const params = { axes: [1], keepAxes: true };
  await assertCpu(logSumExp, { inputs, params }, { rtol: 2e-6 });
});

const SIZES = [[1, 2], [3, 2], [128, 10], [5, 3], [7, 4], [64, 100], [9, 5], [2, 20_001], [0, 4]];

test("margin() and crossEntropy() equal the reference, certain or not", async () => {
  for (const [examples, classes] of SIZES as [number, number][]) {
    for (const [reach, dtype] of [[0.1, "i32"], [5, "u32"], [50, "i32"]] as const) {
      const z = uniform([examples, classes], 4, [-reach, reach]);
      const labels = whole([examples], 5, { high: classes, dtype });
      const g = uniform([examples], 6);
      const near = { rtol: 5e-6 + 4e-7 * reach, atol: 1e-30 };
      await assertCpu(margin, { inputs: [z, labels], params: undefined }, {
        rtol: 4e-6,
        atol: 4e-6,
      });
      await assertCpu(marginGrad, { inputs: [z, labels, g], params: undefined }, near);
      for (const labelSmoothing of [0, 0.1, 1]) {
        const params = { labelSmoothing }, far = { rtol: 5e-6, atol: 5e-6 };
        const smooth = labelSmoothing > 0;
        await assertCpu(crossEntropy, { inputs: [z, labels], params }, smooth ? far : near);
        const gradient = smooth ? { rtol: 5e-6, atol: 3e-7 } : near;
        await assertCpu(crossEntropyGrad, { inputs: [z, labels, g], params }, gradient);
      }
    }
  }
});

test("labels out of range give NaN and read nothing", async () => {
  const labels = host([4], [-1, 2, 3, 5], "i32"), z = uniform([4, 3], 7), g = uniform([4], 8);
  const params = { labelSmoothing: 0 };
  await assertCpu(crossEntropy, { inputs: [z, labels], params }, {});
  await assertCpu(crossEntropyGrad, { inputs: [z, labels, g], params }, {});
  await assertCpu(margin, { inputs: [z, labels], params: undefined }, {});
  await assertCpu(marginGrad, { inputs: [z, labels, g], params: undefined }, {});
});

test.run();
