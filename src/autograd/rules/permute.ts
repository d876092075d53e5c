import { permute as kernel, type PermuteParams } from "../../kernels/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";
import { withBounds } from "./bounds.ts";

/** Axes in another order; the gradient gets the opposite order. */
export const permute: Rule<readonly [x: Tensor], PermuteParams> = {
  name: "permute",
  forward: (run, inputs, params) => ({
    output: withBounds(run(kernel, inputs, params)[0]!, inputs),
  }),
  vjp({ grad, attributes: { axes } }) {
    return [grad.permute(axes.map((_, axis) => axes.indexOf(axis)))];
  },
};
