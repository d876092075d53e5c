import { slice as kernel, type SliceParams } from "../../kernels/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";
import { withBounds } from "./bounds.ts";

/** A regular part of a tensor; the gradient of what was left out is 0. */
export const slice: Rule<readonly [x: Tensor], SliceParams> = {
  name: "slice",
  forward: (run, inputs, params) => ({
    output: withBounds(run(kernel, inputs, params)[0]!, inputs),
  }),
  vjp({ grad, shapes: [shape], attributes: { starts, sizes, steps } }) {
    return [grad.pad(shape.map((size, axis) => {
      const start = sizes[axis] === 0 ? 0 : starts[axis]!, step = steps[axis]!;
      const end = sizes[axis] === 0 ? 0 : start + (sizes[axis]! - 1) * step + 1;
      return [start, size - end, step] as const;
    }))];
  },
};
