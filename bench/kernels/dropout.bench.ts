import { dropout } from "../../src/kernels/mod.ts";
import { benchKernel, integers, KEY, uniform } from "../harness/mod.ts";

const examples = integers([64], 60000, { seed: 1, dtype: "u32" });

benchKernel(dropout, { rtol: 1e-6, atol: 0 }, {
  "64 rows": { inputs: [uniform([64, 128], 1), KEY], params: { p: 0.5 } },
  "a million": { inputs: [uniform([1024, 1024], 1), KEY], params: { p: 0.5 } },
  "by example": { inputs: [uniform([64, 14, 14, 32], 1), KEY, examples], params: { p: 0.1 } },
});
