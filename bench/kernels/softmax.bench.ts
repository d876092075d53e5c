import { logSoftmax, logSumExp, softmax } from "../../src/kernels/mod.ts";
import { benchKernel, uniform } from "../harness/mod.ts";

const few = uniform([64, 10], 6);
const x = uniform([1024, 1024], 6);

benchKernel(softmax, { rtol: 1e-5, atol: 1e-8 }, {
  "64 rows": { inputs: [few], params: { axis: 1 } },
  W6b: { inputs: [uniform([4096, 1024], 6)], params: { axis: 1 } },
  "over columns": { inputs: [x], params: { axis: 0 } },
});

benchKernel(logSoftmax, { rtol: 1e-5, atol: 1e-5 }, {
  "64 rows": { inputs: [few], params: { axis: 1 } },
  "over rows": { inputs: [x], params: { axis: 1 } },
});

benchKernel(logSumExp, { rtol: 1e-5, atol: 1e-5 }, {
  "over rows": { inputs: [x], params: { axes: [1], keepAxes: false } },
});
