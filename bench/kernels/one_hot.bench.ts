import { oneHot } from "../../src/kernels/mod.ts";
import { benchKernel, EXACT, integers } from "../harness/mod.ts";

benchKernel(oneHot, EXACT, {
  "10 classes": {
    inputs: [integers([64], 10, { seed: 1 })],
    params: { classes: 10, dtype: "f32" },
  },
  "1000 classes": {
    inputs: [integers([1024], 1000, { seed: 1 })],
    params: { classes: 1000, dtype: "f32" },
  },
});
