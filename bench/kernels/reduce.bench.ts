import { argmax, argmin, max, mean, min, sum } from "../../src/kernels/mod.ts";
import { benchKernel, EXACT, uniform } from "../harness/mod.ts";

const over = (...axes: readonly number[]) => ({ axes, keepAxes: false });
const few = uniform([64, 10], 1);
const matrix = uniform([1024, 1024], 1);
const images = uniform([32, 32, 32, 32], 1);

benchKernel(sum, { rtol: 1e-6, atol: 1e-4 }, {
  "64 rows": { inputs: [few], params: over(1) },
  "over rows": { inputs: [matrix], params: over(1) },
  "over columns": { inputs: [matrix], params: over(0) },
  "to channels": { inputs: [images], params: over(0, 1, 2) },
  "of all": { inputs: [matrix], params: over(0, 1) },
});

benchKernel(mean, { rtol: 1e-6, atol: 1e-6 }, {
  "to channels": { inputs: [images], params: over(0, 1, 2) },
});
benchKernel(max, EXACT, { "over rows": { inputs: [matrix], params: over(1) } });
benchKernel(min, EXACT, { "over columns": { inputs: [matrix], params: over(0) } });
benchKernel(argmax, EXACT, { "64 rows": { inputs: [few], params: over(1) } });
benchKernel(argmin, EXACT, { "over rows": { inputs: [matrix], params: over(1) } });
