import { runningStatistics } from "../../src/kernels/mod.ts";
import { benchKernel, uniform } from "../harness/mod.ts";

const batch = [uniform([64], 1), uniform([64], 2, { low: 0 })];
const running = [uniform([64], 3), uniform([64], 4, { low: 0 })];

benchKernel(runningStatistics, { rtol: 1e-5, atol: 1e-6 }, {
  "64 channels": { inputs: batch, updates: running, params: { momentum: 0.1, count: 32768 } },
});
