import { gather, scatterAdd } from "../../src/kernels/mod.ts";
import { benchKernel, EXACT, integers, uniform } from "../harness/mod.ts";

const few = integers([64, 1], 10, { seed: 2 });
const many = integers([1024, 64], 1000, { seed: 2 });

benchKernel(gather, EXACT, {
  "one of a row": { inputs: [uniform([64, 10], 1), few], params: { axis: 1 } },
  "64 of a row": {
    inputs: [uniform([1024, 1000], 1), many],
    params: { axis: 1 },
    bytes: 12 * 1024 * 64,
  },
});

benchKernel(scatterAdd, { rtol: 1e-6, atol: 1e-6 }, {
  "one into a row": { inputs: [uniform([64, 1], 1), few], params: { axis: 1, shape: [64, 10] } },
  "64 into a row": {
    inputs: [uniform([1024, 64], 1), many],
    params: { axis: 1, shape: [1024, 1000] },
  },
});
