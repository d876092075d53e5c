import type { DType } from "../../dtype.ts";
import { cast as kernel } from "../../kernels/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule } from "../rule.ts";
import { withBounds } from "./bounds.ts";

/** The type to cast to, and the type before. */
export interface CastAttributes {
  readonly dtype: DType;
  readonly from: DType;
}

type CastRule = Rule<readonly [x: Tensor], CastAttributes>;

/** Another element type: piecewise constant, when that is an integer type. */
export const castToInteger: CastRule = {
  name: "cast",
  forward(run, inputs, params) {
    const output = run(kernel, inputs, params)[0]!;
    const [low, high] = inputs[0].buffer.bounds ?? [-1, -1];
    // Such numbers are the same in both integer types.
    return { output: low >= 0 && high < 2 ** 31 ? withBounds(output, inputs) : output };
  },
};

/** Another floating-point type; the gradient is cast back. */
export const cast: CastRule = {
  name: "cast",
  forward: (run, inputs, params) => ({ output: run(kernel, inputs, params)[0]! }),
  vjp: ({ grad, attributes: { from } }) => [grad.cast(from)],
};
