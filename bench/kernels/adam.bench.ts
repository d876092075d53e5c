import { adam, amsgrad } from "../../src/kernels/mod.ts";
import { benchKernel, uniform, values, zeros } from "../harness/mod.ts";

// The first step with rate 0.001, betas 0.9 and 0.999: see the kernel for what each scalar is.
const scalars = values([0.01, Math.sqrt(1000), 1, 0, 0.9, 0.1, 0.999, 0.001, 1e-8]);
const tolerance = { rtol: 1e-5, atol: 1e-6 };
const few = uniform([3, 3, 16, 32], 1), many = uniform([1024, 1024], 1);
const state = ({ shape }: typeof few) => [uniform(shape, 2), zeros(shape), zeros(shape)];

benchKernel(adam, tolerance, {
  "a small weight": { inputs: [few, scalars], updates: state(few) },
  "a million": { inputs: [many, scalars], updates: state(many) },
});

benchKernel(amsgrad, tolerance, {
  "a million": { inputs: [many, scalars], updates: [...state(many), zeros(many.shape)] },
});
