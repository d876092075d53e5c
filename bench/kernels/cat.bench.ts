import { cat } from "../../src/kernels/mod.ts";
import { benchKernel, EXACT, uniform } from "../harness/mod.ts";

const halves = [uniform([512, 1024], 1), uniform([512, 1024], 2)];
const parts = [1, 2, 3, 4].map((seed) => uniform([32, 32, 32, 8], seed));

benchKernel(cat, EXACT, {
  "two small": { inputs: [uniform([64, 10], 1), uniform([64, 10], 2)], params: { axis: 0 } },
  "two batches": { inputs: halves, params: { axis: 0 } },
  "channels of four": { inputs: parts, params: { axis: 3 } },
});
