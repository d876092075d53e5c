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
type Context = Pick<
  VjpContext<Inputs, BatchNormParams>,
  "inputs" | "grad" | "attributes" | "needs" | "recording" | "run"
>;

/** How a batch is normalized by its own statistics. */
export interface BatchNormTraining extends BatchNormParams {
  /** Running statistics, which take over their share of the batch's. */
  readonly running?: {
    readonly mean: Tensor;
    readonly variance: Tensor;
    readonly momentum: number;
  };
}

/** All axes but the channels. */
function axesOf(x: Tensor): number[] {
  return [...x.shape.keys()].slice(0, -1);
}

/** The fused kernels: sums over the batch where they are read, and dx. */
function fusedGradients(context: Context, training: boolean): Gradients {
  const { inputs: [x, scale, , mean, variance], grad, attributes, needs, run } = context;
  const { epsilon } = attributes;
  if (training && needs[0]) {
    const inputs = [grad, x, scale, mean, variance];
    const [dx, dshift, dscale] = run(kernels.batchNormGrad, inputs, { epsilon });
    return [dx!, dscale!, dshift!, null, null];
  }
  const [dx = null] = needs[0]
    ? run(kernels.batchNormInputGrad, [grad, scale, variance], { epsilon, training })
    : [];
  if (!needs[1]) return [dx, null, needs[2] ? grad.sum(axesOf(grad)) : null, null, null];
  const [dshift, dscale] = run(kernels.batchNormSums, [grad, x, mean, variance], { epsilon });
  return [dx, dscale!, dshift!, null, null];
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

function gradientsOf(context: Context, training: boolean): Gradients {
  return (context.recording ? recordedGradients : fusedGradients)(context, training);
}

/**
 * y = (x - mean) / sqrt(variance + epsilon) scale + shift with the mean and variance of x, through
 * which the gradient passes.
 */
export const batchNorm: Rule<
  readonly [x: Tensor, scale: Tensor, shift: Tensor],
  BatchNormTraining
> = {
  name: "batchNorm",
  forward(run, inputs, { epsilon, running }) {
    const [output, ...extra] = running === undefined
      ? run(kernels.batchNormTraining, inputs, { epsilon })
      : run(kernels.batchNormRunning, inputs, { epsilon, momentum: running.momentum }, [
        running.mean,
        running.variance,
      ]);
    return { output: output!, extra };
  },
  saves: ([x, scale]) => ({ inputs: [x! || scale!, x!, false] }),
  vjp(context) {
    const { inputs: [x, scale, shift], extra: [mean, variance] } = context;
    const inputs = [x, scale, shift, mean!, variance!] as const;
    const [dx, dscale, dshift] = gradientsOf({ ...context, inputs }, true);
    return [dx, dscale, dshift];
  },
};

/** The same with any mean and variance as constants: an affine map per channel. */
export const batchNormEval: Rule<Inputs, BatchNormParams> = {
  name: "batchNormEval",
  forward: (run, inputs, params) => ({ output: run(kernels.batchNorm, inputs, params)[0]! }),
  saves: ([x, scale]) => ({ inputs: [scale!, x!, false, scale!, x! || scale!] }),
  vjp: (context) => gradientsOf(context, false),
};
