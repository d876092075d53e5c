import { suite } from "uvu";
import {
  batchNorm,
  batchNormGrad,
  batchNormInputGrad,
  batchNormRunning,
  batchNormSums,
  batchNormTraining,
  batchStatistics,
  runningStatistics,
} from "../../src/kernels/mod.ts";
import { sizeOf } from "../../src/shape.ts";
import { assertCpu, uniform } from "../support/cpu.ts";

const test = suite("batch norm on the cpu");

const SHAPES = [[2, 1], [3, 5], [128, 10], [7, 13, 3], [4, 9, 9, 16], [16, 28, 28, 8], [
  8,
  7,
  7,
  512,
]]
  .concat([[5, 100], [20_000, 2], [3, 2000], [1000, 33]]);

for (const middle of [0, 100]) {
  test(`its kernels equal the reference for numbers about ${middle}`, async () => {
    for (const shape of SHAPES) {
      const channels = shape.at(-1)!, count = sizeOf(shape) / channels;
      const x = uniform(shape, 1, [middle - 1, middle + 1]), g = uniform(shape, 2);
      const [scale, shift, a, b] = [3, 4, 5, 6].map((seed) => uniform([channels], seed));
      const mean = uniform([channels], 7, [middle - 0.1, middle + 0.1]);
      const variance = uniform([channels], 8, [0.3, 1.3]);
      const params = { epsilon: 1e-5 }, near = { rtol: 4e-6, atol: middle > 0 ? 2e-5 : 4e-6 };
      await assertCpu(batchStatistics, { inputs: [x], params: undefined }, {
        rtol: 2e-6,
        atol: 2e-6,
      });
      const inputs = [x, scale!, shift!, mean, variance];
      await assertCpu(batchNorm, { inputs, params }, near);
      const sums = { rtol: 2e-6, atol: 3e-7 * Math.sqrt(count) * Math.log2(count + 2) };
      await assertCpu(batchNormSums, { inputs: [g, x, mean, variance], params }, sums);
      await assertCpu(batchNormInputGrad, {
        inputs: [g, scale!, variance],
        params: { ...params, training: false },
      }, near);
      await assertCpu(batchNormTraining, { inputs: [x, scale!, shift!], params }, near);
      const running = { inputs: [x, scale!, shift!], params: { ...params, momentum: 0.1 } };
      await assertCpu(batchNormRunning, { ...running, state: [a!, b!] }, near);
      const back = { inputs: [g, x, scale!, mean, variance], params };
      await assertCpu(batchNormGrad, back, { rtol: 4e-6, atol: Math.max(near.atol, sums.atol) });
    }
  });
}

test("runningStatistics() equals the reference", async () => {
  for (const channels of [1, 3, 64, 1001]) {
    const [mean, a, b] = [1, 2, 3].map((seed) => uniform([channels], seed));
    const variance = uniform([channels], 4, [0.5, 2]);
    const call = {
      inputs: [mean!, variance],
      params: { momentum: 0.1, count: 7 },
      state: [a!, b!],
    };
    await assertCpu(runningStatistics, call, { rtol: 1e-6, atol: 1e-7 });
  }
});

test.run();
