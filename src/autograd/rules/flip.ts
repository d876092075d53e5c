import { flip as kernel, type FlipParams } from "../../kernels/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";
import { withBounds } from "./bounds.ts";

/** Some axes backwards, and so is the gradient. */
export const flip: Rule<readonly [x: Tensor], FlipParams> = {
  name: "flip",
  forward: (run, inputs, params) => ({
    output: withBounds(run(kernel, inputs, params)[0]!, inputs),
  }),
  vjp: ({ grad, attributes: { axes } }) => [grad.flip(axes)],
};
