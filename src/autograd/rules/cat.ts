import { cat as kernel, type CatParams } from "../../kernels/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";
import { withBounds } from "./bounds.ts";

/** Tensors one after the other; each gets its slice of the gradient. */
export const cat: Rule<readonly Tensor[], CatParams> = {
  name: "cat",
  forward: (run, inputs, params) => ({
    output: withBounds(run(kernel, inputs, params)[0]!, inputs),
  }),
  vjp({ grad, shapes, needs, attributes: { axis } }) {
    let start = 0;
    return shapes.map((shape, i) => {
      const from = start;
      start += shape[axis]!;
      return needs[i] ? grad.slice(axis, from, start) : null;
    });
  },
};
