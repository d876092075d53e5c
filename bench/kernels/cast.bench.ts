import { cast } from "../../src/kernels/mod.ts";
import { benchKernel, EXACT, integers, uniform } from "../harness/mod.ts";

const labels = integers([1024, 1024], 256, { seed: 1 });
const numbers = uniform([1024, 1024], 1, { low: -100, high: 100 });

benchKernel(cast, EXACT, {
  "64 labels": { inputs: [integers([64], 10, { seed: 1 })], params: { dtype: "f32" } },
  "to f32": { inputs: [labels], params: { dtype: "f32" } },
  "to i32": { inputs: [numbers], params: { dtype: "i32" } },
});
