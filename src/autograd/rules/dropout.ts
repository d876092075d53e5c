import { dropout as kernel, type DropoutParams } from "../../kernels/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";

/**
 * Dropout of x under a key, and perhaps ids. It is linear, and the same key drops the same elements
 * of the gradient: no mask is saved.
 */
export const dropout: Rule<readonly Tensor[], DropoutParams> = {
  name: "dropout",
  forward: (run, inputs, params) => ({ output: run(kernel, inputs, params)[0]! }),
  saves: (needs) => ({ inputs: needs.map((_, i) => i > 0) }),
  vjp({ inputs: [, ...stream], grad, attributes, apply }) {
    return [apply(dropout, [grad, ...stream], attributes), ...stream.map(() => null)];
  },
};
