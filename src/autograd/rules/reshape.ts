import { inferShape, type Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";

/** Another shape over the same elements: no kernel, the buffer is shared. */
export const reshape: Rule<readonly [x: Tensor], Shape> = {
  name: "reshape",
  forward: (_run, [x], shape) => ({ output: x.view(inferShape(x.shape, shape)) }),
  vjp: ({ grad, shapes }) => [grad.reshape(shapes[0])],
};
