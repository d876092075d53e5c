import { pad } from "../../src/kernels/mod.ts";
import { benchKernel, EXACT, uniform } from "../harness/mod.ts";

const none = { before: 0, after: 0, step: 1 };
const around = { before: 2, after: 2, step: 1 };
const between = { before: 0, after: 1, step: 2 };

benchKernel(pad, EXACT, {
  "64 images": {
    inputs: [uniform([64, 28, 28, 1], 1)],
    params: { padding: [none, around, around, none], value: 0 },
  },
  "between pixels": {
    inputs: [uniform([32, 16, 16, 32], 1)],
    params: { padding: [none, between, between, none], value: 0 },
  },
});
