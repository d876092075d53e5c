import { sgd, sgdMomentum } from "../../src/kernels/mod.ts";
import { benchKernel, uniform, values, zeros } from "../harness/mod.ts";

// Learning rate, weight decay, momentum, share of the gradient.
const scalars = values([0.01, 1e-4, 0.9, 1]);
const tolerance = { rtol: 1e-5, atol: 1e-7 };
const few = uniform([3, 3, 16, 32], 1), many = uniform([1024, 1024], 1);

benchKernel(sgd, tolerance, {
  "a small weight": { inputs: [few, scalars], updates: [uniform(few.shape, 2)] },
  "a million": { inputs: [many, scalars], updates: [uniform(many.shape, 2)] },
});

benchKernel(sgdMomentum, tolerance, {
  "a million": {
    inputs: [many, scalars],
    updates: [uniform(many.shape, 2), zeros(many.shape)],
    params: { nesterov: true },
  },
});
