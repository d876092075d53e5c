import { elementwise } from "../../src/kernels/mod.ts";
import { benchKernel, EXACT, uniform } from "../harness/mod.ts";

const few = uniform([64], 1);
const x = uniform([1024, 1024], 1);
const y = uniform([1024, 1024], 2);
const low = uniform([1024, 1024], 3, { high: 0 });
const high = uniform([1024, 1024], 4, { low: 0 });

benchKernel(elementwise.add, EXACT, {
  "64 numbers": { inputs: [few, few] },
  "a million": { inputs: [x, y] },
  "a bias": { inputs: [x, uniform([1024], 2)] },
  "a column": { inputs: [x, uniform([1024, 1], 2)] },
});

benchKernel(elementwise.relu, EXACT, { "a million": { inputs: [x] } });
benchKernel(elementwise.clamp, EXACT, { "to a box": { inputs: [x, low, high] } });
benchKernel(elementwise.exp, { rtol: 1e-5, atol: 0 }, { "a million": { inputs: [x] } });
benchKernel(elementwise.tanh, { rtol: 0, atol: 1e-5 }, { "a million": { inputs: [x] } });
