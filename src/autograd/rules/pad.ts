import { pad as kernel, type PadParams } from "../../kernels/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";
import { slice } from "./slice.ts";

/** A number around a tensor; the gradient is sliced out of the middle. */
export const pad: Rule<readonly [x: Tensor], PadParams> = {
  name: "pad",
  forward: (run, inputs, params) => ({ output: run(kernel, inputs, params)[0]! }),
  vjp({ grad, shapes: [sizes], attributes: { padding }, apply }) {
    const starts = padding.map(({ before }) => before);
    return [apply(slice, [grad], { starts, sizes, steps: padding.map(({ step }) => step) })];
  },
};
