import { crossEntropy, crossEntropyGrad } from "../../src/kernels/mod.ts";
import { benchKernel, integers, uniform } from "../harness/mod.ts";

const few = [uniform([64, 10], 1, { low: -8, high: 8 }), integers([64], 10, { seed: 2 })];
const many = [uniform([1024, 1000], 1, { low: -8, high: 8 }), integers([1024], 1000, { seed: 2 })];
const params = { labelSmoothing: 0 };

benchKernel(crossEntropy, { rtol: 1e-5, atol: 1e-5 }, {
  "10 classes": { inputs: few, params },
  "1000 classes": { inputs: many, params },
  "1000 smooth classes": { inputs: many, params: { labelSmoothing: 0.1 } },
});

benchKernel(crossEntropyGrad, { rtol: 2e-5, atol: 1e-7 }, {
  "10 classes": { inputs: [...few, uniform([64], 3)], params },
  "1000 classes": { inputs: [...many, uniform([1024], 3)], params },
});
