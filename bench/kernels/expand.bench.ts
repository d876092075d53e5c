import { expand } from "../../src/kernels/mod.ts";
import { benchKernel, EXACT, uniform } from "../harness/mod.ts";

benchKernel(expand, EXACT, {
  "a number": { inputs: [uniform([], 1)], params: { shape: [64] } },
  "a row": { inputs: [uniform([1024], 1)], params: { shape: [1024, 1024] } },
  "a column": { inputs: [uniform([1024, 1], 1)], params: { shape: [1024, 1024] } },
});
