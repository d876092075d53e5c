import * as kernels from "../../kernels/mod.ts";
import type { BatchNormParams } from "../../kernels/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { Rule, VjpContext } from "../rule.ts";

type Inputs = readonly [x: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor];
type Gradients = readonly [
  x: Tensor | null,
  scale: Tensor | null,
  shift: Tensor | null,
  null,
  null,
];
type Context = VjpContext<Inputs, BatchNormParams>;

/** All axes but the channels. */
function axesOf(x: Tensor): number[] {
  return [...x.shape.keys()].slice(0, -1);
}

/** The fused kernels: sums over the batch where they are read, then dx. */
function fusedGradients(context: Context, training: boolean): Gradients {
  const { inputs: [x, scale, , mean, variance], grad, attributes, needs, run } = context;
  const { epsilon } = attributes;
  if (!needs[1] && !(training && needs[0])) {
    const [dx] = needs[0]
      ? run(kernels.batchNormInputGrad, [grad, scale, variance], { epsilon, training })
      : [null];
    return [dx!, null, needs[2] ? grad.sum(axesOf(grad)) : null, null, null];
  }
  const [dshift, dscale] = run(kernels.batchNormSums, [grad, x, mean, variance], { epsilon });
  const more = training ? [x, mean, dshift!, dscale!] : [];
  const [dx] = needs[0]
    ? run(kernels.batchNormInputGrad, [grad, scale, variance, ...more], { epsilon, training })
    : [null];
  return [dx!, dscale!, dshift!, null, null];
}

/**
 * The same as a formula that can be differentiated again. In training, mean and variance are taken
 * anew from x: those among the inputs are constants.
 */
function recordedGradients(context: Context, training: boolean): Gradients {
  const { inputs: [x, scale, , mean, variance], grad, attributes: { epsilon }, needs } = context;
  const axes = axesOf(grad);
  const dshift = grad.sum(axes);
  if (!needs[1] && !(training && needs[0])) {
    const dx = needs[0] ? grad.mul(scale.mul(variance.add(epsilon).rsqrt())) : null;
    return [dx, null, dshift, null, null];
  }
  const centered = x.sub(training ? x.mean(axes) : mean);
  const r = (training ? centered.square().mean(axes) : variance).add(epsilon).rsqrt();
  const z = centered.mul(r);
  const dscale = grad.mul(z).sum(axes);
  if (!needs[0]) return [null, dscale, dshift, null, null];
  if (!training) return [grad.mul(scale.mul(r)), dscale, dshift, null, null];
  const n = grad.size / dshift.size;
  const rest = grad.sub(dshift.div(n)).sub(z.mul(dscale.div(n)));
  return [scale.mul(r).mul(rest), dscale, dshift, null, null];
}

function batchNormRule(
  name: string,
  training: boolean,
  saves: (x: boolean, scale: boolean) => readonly boolean[],
): Rule<Inputs, BatchNormParams> {
  return {
    name,
    forward: (run, inputs, params) => ({ output: run(kernels.batchNorm, inputs, params)[0]! }),
    saves: ([x, scale]) => ({ inputs: saves(x!, scale!) }),
    vjp(context) {
      return (context.recording ? recordedGradients : fusedGradients)(context, training);
    },
  };
}

/**
 * y = (x - mean) / sqrt(variance + epsilon) scale + shift in training: mean and variance must be
 * those of x, and the gradient of x passes through them.
 */
export const batchNorm: Rule<Inputs, BatchNormParams> = batchNormRule(
  "batchNorm",
  true,
  (x, scale) => [x || scale, x, false, x || scale, x || scale],
);

/** The same with any mean and variance as constants: an affine map per channel. */
export const batchNormEval: Rule<Inputs, BatchNormParams> = batchNormRule(
  "batchNormEval",
  false,
  (x, scale) => [scale, x, false, scale, x || scale],
);
