import {
  batchNorm,
  batchNormInputGrad,
  batchNormSums,
  batchStatistics,
} from "../../src/kernels/mod.ts";
import { benchKernel, uniform } from "../harness/mod.ts";

const epsilon = 1e-5;
const few = uniform([4, 8, 8, 16], 1), images = uniform([32, 32, 32, 64], 1);
const fewGrads = uniform(few.shape, 2), grads = uniform(images.shape, 2);
const channels = (count: number) => {
  const [scale, shift, mean] = [3, 4, 5].map((seed) => uniform([count], seed));
  const variance = uniform([count], 6, { low: 0.1, high: 1 });
  const sums = [uniform([count], 7), uniform([count], 8)];
  return { scale: scale!, shift: shift!, mean: mean!, variance, sums };
};
const narrow = channels(16), wide = channels(64);

benchKernel(batchStatistics, { rtol: 1e-5, atol: 1e-5 }, {
  "4 images": { inputs: [few] },
  "32 images": { inputs: [images] },
});

benchKernel(batchNorm, { rtol: 1e-5, atol: 1e-5 }, {
  "4 images": {
    inputs: [few, narrow.scale, narrow.shift, narrow.mean, narrow.variance],
    params: { epsilon },
  },
  "32 images": {
    inputs: [images, wide.scale, wide.shift, wide.mean, wide.variance],
    params: { epsilon },
  },
});

// Sums of up to 32,768 numbers of any sign.
benchKernel(batchNormSums, { rtol: 1e-5, atol: 5e-3 }, {
  "4 images": { inputs: [fewGrads, few, narrow.mean, narrow.variance], params: { epsilon } },
  "32 images": { inputs: [grads, images, wide.mean, wide.variance], params: { epsilon } },
});

benchKernel(batchNormInputGrad, { rtol: 1e-5, atol: 1e-5 }, {
  "4 images": {
    inputs: [fewGrads, narrow.scale, narrow.variance, few, narrow.mean, ...narrow.sums],
    params: { epsilon, training: true },
  },
  "32 images": {
    inputs: [grads, wide.scale, wide.variance, images, wide.mean, ...wide.sums],
    params: { epsilon, training: true },
  },
  "32 images, constants": {
    inputs: [grads, wide.scale, wide.variance],
    params: { epsilon, training: false },
  },
});
