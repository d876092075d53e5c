import { flip } from "../../src/kernels/mod.ts";
import { benchKernel, EXACT, uniform } from "../harness/mod.ts";

benchKernel(flip, EXACT, {
  "64 digits": { inputs: [uniform([64, 28, 28, 1], 1)], params: { axes: [2] } },
  "32 images": { inputs: [uniform([32, 32, 32, 32], 1)], params: { axes: [2] } },
});
