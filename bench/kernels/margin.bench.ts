import { margin, marginGrad } from "../../src/kernels/mod.ts";
import { benchKernel, integers, uniform } from "../harness/mod.ts";

const few = [uniform([64, 10], 1, { low: -8, high: 8 }), integers([64], 10, { seed: 2 })];
const many = [uniform([1024, 1000], 1, { low: -8, high: 8 }), integers([1024], 1000, { seed: 2 })];

benchKernel(margin, { rtol: 1e-5, atol: 1e-5 }, {
  "10 classes": { inputs: few },
  "1000 classes": { inputs: many },
});

benchKernel(marginGrad, { rtol: 2e-5, atol: 1e-7 }, {
  "10 classes": { inputs: [...few, uniform([64], 3)] },
  "1000 classes": { inputs: [...many, uniform([1024], 3)] },
});
