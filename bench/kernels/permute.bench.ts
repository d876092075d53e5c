import { permute } from "../../src/kernels/mod.ts";
import { benchKernel, EXACT, uniform } from "../harness/mod.ts";

benchKernel(permute, EXACT, {
  "a small matrix": { inputs: [uniform([64, 64], 1)], params: { axes: [1, 0] } },
  "a matrix": { inputs: [uniform([1024, 1024], 1)], params: { axes: [1, 0] } },
  "channels to front": { inputs: [uniform([32, 32, 32, 32], 1)], params: { axes: [0, 3, 1, 2] } },
});
