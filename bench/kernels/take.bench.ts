import { take, takeGrad } from "../../src/kernels/mod.ts";
import { benchKernel, EXACT, integers, uniform } from "../harness/mod.ts";

const rows = integers([64], 1024, { seed: 2 });
const columns = integers([256], 1024, { seed: 2 });

benchKernel(take, EXACT, {
  "64 images": {
    inputs: [uniform([1024, 28, 28], 1), rows],
    params: { axis: 0 },
    bytes: 8 * 64 * 28 * 28,
  },
  columns: {
    inputs: [uniform([1024, 1024], 1), columns],
    params: { axis: 1 },
    bytes: 8 * 1024 * 256,
  },
});

benchKernel(takeGrad, { rtol: 1e-6, atol: 1e-6 }, {
  "64 images": { inputs: [uniform([64, 28, 28], 1), rows], params: { axis: 0, size: 1024 } },
  columns: { inputs: [uniform([1024, 256], 1), columns], params: { axis: 1, size: 1024 } },
});
