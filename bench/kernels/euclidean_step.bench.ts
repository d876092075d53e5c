import { euclideanStep } from "../../src/kernels/mod.ts";
import { benchKernel, uniform } from "../harness/mod.ts";

const params = { stepSize: 0.5, eps: 1, box: [0, 1] } as const;
const images = (shape: readonly number[]) => [1, 2, 3].map((seed) => uniform(shape, seed));

benchKernel(euclideanStep, { rtol: 1e-5, atol: 1e-5 }, {
  "64 grey images": { inputs: images([64, 28, 28, 1]), params },
  "128 coloured images": { inputs: images([128, 32, 32, 3]), params },
});
