import { random } from "../../src/kernels/mod.ts";
import { benchKernel, EXACT, integers, KEY } from "../harness/mod.ts";

const uniform = { distribution: "uniform", dtype: "f32" } as const;
const normal = { distribution: "normal", dtype: "f32" } as const;
const examples = integers([64], 60000, { seed: 1, dtype: "u32" });

benchKernel(random, EXACT, {
  "uniform, few": { inputs: [KEY], params: { ...uniform, shape: [64, 28] } },
  "uniform, a million": { inputs: [KEY], params: { ...uniform, shape: [1024, 1024] } },
  "uniform, by example": {
    inputs: [KEY, examples],
    params: { ...uniform, shape: [64, 28, 28, 1] },
  },
});

// The logarithm, the root and the cosine of a driver differ in their last digits.
benchKernel(random, { rtol: 1e-4, atol: 2e-3 }, {
  "normal, few": { inputs: [KEY], params: { ...normal, shape: [64, 28] } },
  "normal, a million": { inputs: [KEY], params: { ...normal, shape: [1024, 1024] } },
});
