/**
 * Gradient descent, in place, one element of the parameter p after the other. With the gradient g,
 * weight decay d and learning rate r:
 *
 *   sgd          g' = g + d p;  p = p - r g'
 *   sgdMomentum  g' = g + d p;  v = m v + s g';  p = p - r v,  Nesterov: p = p - r (g' + m v)
 *
 * s is 1 - dampening, and 1 in the first step, where the velocity v is still zero. Both kernels take
 * the scalars [r, d, m, s], so that momentum may come and go.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import type { Kernel } from "../kernel.ts";
import { declare, NOTHING, perElement } from "../wgsl.ts";
import { stepCpu } from "./cpu.ts";
import { checkScalars } from "./scalars.ts";

const SCALARS = 4;
type Scalars = readonly [rate: number, decay: number, momentum: number, share: number];

/** How momentum is used. */
export interface SgdMomentumParams {
  readonly nesterov: boolean;
}

/** Operands: the gradient, the scalars. Updates: the parameter. */
export const sgd: Kernel = {
  name: "sgd",
  updates: 1,
  outputs([grad, scalars]) {
    checkScalars("step by sgd", grad!, scalars!, SCALARS);
    return [grad!];
  },
  reference([grad, scalars], [p]) {
    const [rate, decay] = scalars!.data as unknown as Scalars;
    const g = grad!.data, x = p!.data;
    for (let i = 0; i < x.length; i++) x[i] = x[i]! - rate * (g[i]! + decay * x[i]!);
  },
  webgpu([grad, scalars], [p]) {
    const size = sizeOf(p!.shape);
    if (size === 0) return NOTHING;
    return {
      dispatches: [perElement({
        size,
        declarations: declare([["grad", grad!], ["scalars", scalars!], ["p", p!]], 2),
        operands: [0, 1, 2],
        body: "  p[i] -= scalars[0] * (grad[i] + scalars[1] * p[i]);",
      })],
    };
  },
  spans: [1],
  cpu: ([grad]) => stepCpu("sgd", grad!, { states: 1 }),
  flops: ([grad]) => 4 * sizeOf(grad!.shape),
};

/** Operands: the gradient, the scalars. Updates: the parameter, the velocity. */
export const sgdMomentum: Kernel<SgdMomentumParams> = {
  name: "sgdMomentum",
  updates: 2,
  outputs([grad, scalars]) {
    checkScalars("step by sgd with momentum", grad!, scalars!, SCALARS);
    return [grad!, grad!];
  },
  reference([grad, scalars], [p, velocity], { nesterov }) {
    const [rate, decay, momentum, share] = scalars!.data as unknown as Scalars;
    const x = p!.data, past = velocity!.data;
    for (let i = 0; i < x.length; i++) {
      const g = grad!.data[i]! + decay * x[i]!;
      const v = momentum * past[i]! + share * g;
      past[i] = v;
      x[i] = x[i]! - rate * (nesterov ? g + momentum * v : v);
    }
  },
  webgpu([grad, scalars], [p, velocity], { nesterov }) {
    const size = sizeOf(p!.shape);
    if (size === 0) return NOTHING;
    return {
      dispatches: [perElement({
        size,
        declarations: declare(
          [["grad", grad!], ["scalars", scalars!], ["p", p!], ["velocity", velocity!]],
          2,
        ),
        operands: [0, 1, 2, 3],
        body: `  let g = grad[i] + scalars[1] * p[i];
  let v = scalars[2] * velocity[i] + scalars[3] * g;
  velocity[i] = v;
  p[i] -= scalars[0] * ${nesterov ? "(g + scalars[2] * v)" : "v"};`,
      })],
    };
  },
  spans: [1],
  cpu([grad], _outputs, { nesterov }) {
    return stepCpu("sgd_momentum", grad!, { states: 2, words: [Number(nesterov)] });
  },
  flops: ([grad], _outputs, { nesterov }) => (nesterov ? 9 : 7) * sizeOf(grad!.shape),
};
