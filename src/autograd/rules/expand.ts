import { expand as kernel } from "../../kernels/mod.ts";
import type { Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";
import { withBounds } from "./bounds.ts";

/** x broadcast to a shape. Every element was read several times: dx sums over them. */
export const expand: Rule<readonly [x: Tensor], Shape> = {
  name: "expand",
  forward: (run, [x], shape) => ({ output: withBounds(run(kernel, [x], { shape })[0]!, [x]) }),
  vjp: ({ grad, shapes }) => [grad.sumTo(shapes[0])],
};
