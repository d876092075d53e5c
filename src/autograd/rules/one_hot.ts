import { oneHot as kernel, type OneHotParams } from "../../kernels/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";
import { checkIndices } from "./bounds.ts";

/** Labels as rows of zeros with a single 1. Labels have no gradient. */
export const oneHot: Rule<readonly [labels: Tensor], OneHotParams> = {
  name: "oneHot",
  forward(run, inputs, params) {
    checkIndices(`encode labels of ${params.classes} classes`, inputs[0], params.classes);
    return { output: run(kernel, inputs, params)[0]! };
  },
};
