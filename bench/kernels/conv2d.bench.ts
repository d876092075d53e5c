import { conv2d, conv2dInputGrad, conv2dWeightGrad } from "../../src/kernels/mod.ts";
import type { Shape } from "../../src/shape.ts";
import { benchKernel, IMAGES, uniform, WEIGHTS } from "../harness/mod.ts";

const images = (shape: Shape, seed: number) => uniform(shape, seed, { order: IMAGES });
const weights = (shape: Shape, seed: number) => uniform(shape, seed, { order: WEIGHTS });
const same = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 } as const;
const half = { ...same, stride: [2, 2] } as const;

// Each result is a sum of 300 to 30,000 products of numbers up to 1.
const sums = { rtol: 1e-5, atol: 1e-4 };
const longSums = { rtol: 1e-5, atol: 2e-3 };

const x = images([32, 32, 32, 32], 3);
const w = weights([3, 3, 32, 64], 4);
const dy = images([32, 32, 32, 64], 5);
const few = images([1, 14, 14, 8], 3);
const fewWeights = weights([3, 3, 8, 8], 4);
const digits = images([64, 28, 28, 1], 3);
const digitWeights = weights([3, 3, 1, 16], 4);
const digitGrads = images([64, 28, 28, 16], 5);

/** Rates against channels, 16 images 32x32: from work that barely fills a GPU to what fills any. */
const channels = (count: number) => ({
  inputs: [images([16, 32, 32, count], 3), weights([3, 3, count, count], 4)],
  params: same,
  sampleRows: 2,
  point: { curve: "conv2d", size: count },
});

benchKernel(conv2d, sums, {
  "1 image": { inputs: [few, fewWeights], params: same },
  W2: { inputs: [x, w], params: same },
  "of one channel": { inputs: [digits, digitWeights], params: same },
  "of stride 2": { inputs: [x, w], params: half },
});

// The longest sum has 2,304 products.
benchKernel(conv2d, { rtol: 1e-5, atol: 5e-4 }, {
  "16 channels": channels(16),
  "32 channels": channels(32),
  "64 channels": channels(64),
  "128 channels": channels(128),
  "256 channels": channels(256),
});

benchKernel(conv2dInputGrad, sums, {
  "1 image": { inputs: [few, fewWeights], params: { ...same, size: [14, 14] } },
  W2b: { inputs: [dy, w], params: { ...same, size: [32, 32] } },
  "of one channel": { inputs: [digitGrads, digitWeights], params: { ...same, size: [28, 28] } },
  "of stride 2": {
    inputs: [images([32, 16, 16, 64], 5), w],
    params: { ...half, size: [32, 32] },
  },
});

benchKernel(conv2dWeightGrad, longSums, {
  "1 image": { inputs: [few, few], params: { ...same, kernelSize: [3, 3] } },
  W2c: { inputs: [x, dy], params: { ...same, kernelSize: [3, 3] } },
  "of one channel": { inputs: [digits, digitGrads], params: { ...same, kernelSize: [3, 3] } },
  "of stride 2": {
    inputs: [x, images([32, 16, 16, 64], 5)],
    params: { ...half, kernelSize: [3, 3] },
  },
});
