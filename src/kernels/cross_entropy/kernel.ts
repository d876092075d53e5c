/**
 * Cross-entropy of logits z with class numbers t, per example: log(sum of e^z_j) - z_t, computed
 * from the margin m as softplus(m), which keeps losses near 0 and gradients near saturation exact.
 * With label smoothing a, the target is 1 - a for t and a / C for each of the C classes, which adds
 * a (z_t - mean z).
 *
 * Labels out of range give NaN, and nothing is read out of bounds.
 *
 * @module
 */
import { allocate } from "../../dtype.ts";
import { type Shape, sizeOf } from "../../shape.ts";
import { cpuSequence } from "../cpu_sequence.ts";
import { valueCpu } from "../reduce/cpu.ts";
import type { Kernel, Spec } from "../kernel.ts";
import { marginCpu } from "../margin/cpu.ts";
import { checkLabelled, checkRowGradient } from "../margin/labels.ts";
import { marginGradReference, marginReference } from "../margin/reference.ts";
import {
  type MarginGradient,
  type MarginMean,
  marginMeanProgram,
  marginMeanWays,
  marginProgram,
  type MarginValue,
  marginWays,
} from "../margin/webgpu.ts";
import { f32 } from "../wgsl.ts";

/** How sharp the targets are. */
export interface CrossEntropyParams {
  /** Share of the target spread over all classes, from 0 to 1. */
  readonly labelSmoothing: number;
}

const ACT = "take the cross entropy";

function check(inputs: readonly Spec[], { labelSmoothing }: CrossEntropyParams): void {
  checkLabelled(ACT, inputs[0]!, inputs[1]!);
  if (labelSmoothing >= 0 && labelSmoothing <= 1) return;
  throw new RangeError(
    `Cannot ${ACT} with labelSmoothing ${labelSmoothing}: it must be from 0 to 1`,
  );
}

function sigmoid(m: number): number {
  return (m >= 0 ? 1 : Math.exp(m)) / (1 + Math.exp(-Math.abs(m)));
}

/** What smoothing adds to the gradient of the label's logit and to those of the others. */
function shifts(z: Spec, { labelSmoothing }: CrossEntropyParams): { others: number; own: number } {
  const spread = labelSmoothing / z.shape[1]!;
  return { others: -spread, own: labelSmoothing - spread };
}

/** What shaders compute per example. */
export function valueText({ labelSmoothing }: CrossEntropyParams): MarginValue {
  const leads = labelSmoothing !== 0;
  const smoothing = leads ? ` + ${f32(labelSmoothing)} * lead` : "";
  return { value: `max(m, 0.0) + log1p(exp(-abs(m)))${smoothing}`, leads };
}

/** And per logit. */
export function gradientText(z: Spec, params: CrossEntropyParams): MarginGradient {
  return { scale: "sigmoid(m)", ...shifts(z, params) };
}

/** Both. */
function bothTexts([z]: readonly Spec[], params: CrossEntropyParams): MarginMean {
  return { value: valueText(params), gradient: gradientText(z!, params) };
}

/** Logits z, labels t -> loss per example. */
export const crossEntropy: Kernel<CrossEntropyParams> = {
  name: "crossEntropy",
  outputs(inputs, params) {
    check(inputs, params);
    return [{ shape: [inputs[0]!.shape[0]!], dtype: inputs[0]!.dtype }];
  },
  reference([z, labels], [y], { labelSmoothing }) {
    marginReference([z!, labels!, y!], ({ m, lead }) => {
      return Math.max(m, 0) + Math.log1p(Math.exp(-Math.abs(m))) + labelSmoothing * lead;
    });
  },
  webgpu: (inputs, _outputs, params) => marginProgram(inputs, { value: valueText(params) }),
  candidates: (inputs, _outputs, params) => marginWays(inputs, { value: valueText(params) }),
  cpu(inputs, _outputs, { labelSmoothing }) {
    return marginCpu("margin_values", inputs, { entropy: true, others: labelSmoothing });
  },
  flops: ([z]) => 4 * sizeOf(z!.shape),
};

/** Examples and classes up to which one workgroup goes over all of them. */
const MOST_EXAMPLES = 1024, MOST_CLASSES = 1024;

/** Whether the mean of the losses of so many examples is best taken at once. */
export function isMeanAtOnce([examples, classes]: Shape): boolean {
  return examples! >= 1 && examples! <= MOST_EXAMPLES && classes! <= MOST_CLASSES;
}

/** Logits z, labels t -> mean of the losses; for few examples, see isMeanAtOnce(). */
export const crossEntropyMean: Kernel<CrossEntropyParams> = {
  name: "crossEntropyMean",
  outputs: (inputs, params) => [{ ...crossEntropy.outputs(inputs, params)[0]!, shape: [] }],
  reference(inputs, [y], params) {
    const [spec] = crossEntropy.outputs(inputs, params);
    const losses = { ...spec!, data: allocate(spec!.dtype, sizeOf(spec!.shape)) };
    crossEntropy.reference(inputs, [losses], params);
    let sum = 0;
    for (const loss of losses.data) sum += loss;
    y!.data[0] = sum / losses.data.length;
  },
  webgpu: (inputs, _outputs, params) => marginMeanProgram(inputs, { value: valueText(params) }),
  candidates: (inputs, _outputs, params) => marginMeanWays(inputs, { value: valueText(params) }),
  cpu(inputs, _outputs, params) {
    const losses = crossEntropy.outputs(inputs, params)[0]!, divisor = losses.shape[0]!;
    return cpuSequence(3, [
      [crossEntropy.cpu!(inputs, [losses], params), [0, 1, 3]],
      [valueCpu("sum", losses, { axes: [0], divisor }), [3, 2]],
    ], [losses]);
  },
  flops: ([z]) => 4 * sizeOf(z!.shape),
};

/**
 * Logits z, labels t, gradient g of the losses -> gradient of z: g (softmax(z) - target). With
 * p = sigmoid(m), softmax(z) - e_t is p q off the label and -p on it, without a difference from 1.
 */
export const crossEntropyGrad: Kernel<CrossEntropyParams> = {
  name: "crossEntropyGrad",
  outputs(inputs, params) {
    check(inputs, params);
    checkRowGradient("take the gradient of the cross entropy", inputs[0]!, inputs[2]!);
    return [{ shape: inputs[0]!.shape, dtype: inputs[0]!.dtype }];
  },
  reference([z, labels, g], [y], params) {
    marginGradReference([z!, labels!, g!, y!], sigmoid, shifts(z!, params));
  },
  webgpu(inputs, _outputs, params) {
    return marginProgram(inputs, { gradient: gradientText(inputs[0]!, params) });
  },
  candidates(inputs, _outputs, params) {
    return marginWays(inputs, { gradient: gradientText(inputs[0]!, params) });
  },
  joins: [
    { kernel: crossEntropy, shared: 2, both: () => crossEntropyBoth },
    { kernel: crossEntropyMean, shared: 2, both: () => crossEntropyMeanBoth },
  ],
  cpu(inputs, _outputs, params) {
    return marginCpu("margin_gradients", inputs, { entropy: true, ...shifts(inputs[0]!, params) });
  },
  flops: ([z]) => 6 * sizeOf(z!.shape),
};

/** The gradient of z, and the mean of the losses. */
export const crossEntropyMeanBoth: Kernel<CrossEntropyParams> = {
  name: "crossEntropyMeanBoth",
  outputs(inputs, params) {
    return [
      ...crossEntropyGrad.outputs(inputs, params),
      ...crossEntropyMean.outputs(inputs, params),
    ];
  },
  reference(inputs, [dz, y], params) {
    crossEntropyGrad.reference(inputs, [dz!], params);
    crossEntropyMean.reference(inputs.slice(0, 2), [y!], params);
  },
  webgpu: (inputs, _outputs, params) => marginMeanProgram(inputs, bothTexts(inputs, params)),
  candidates: (inputs, _outputs, params) => marginMeanWays(inputs, bothTexts(inputs, params)),
  cpu(inputs, [dz], params) {
    const losses = crossEntropy.outputs(inputs, params)[0]!, divisor = losses.shape[0]!;
    return cpuSequence(5, [
      [crossEntropyGrad.cpu!(inputs, [dz!], params), [0, 1, 2, 3]],
      [crossEntropy.cpu!(inputs.slice(0, 2), [losses], params), [0, 1, 5]],
      [valueCpu("sum", losses, { axes: [0], divisor }), [5, 4]],
    ], [losses]);
  },
  flops: ([z]) => 7 * sizeOf(z!.shape),
};

/** Both at once, where the gradient of the losses is known before them: gradient of z, and losses. */
export const crossEntropyBoth: Kernel<CrossEntropyParams> = {
  name: "crossEntropyBoth",
  outputs(inputs, params) {
    return [...crossEntropyGrad.outputs(inputs, params), ...crossEntropy.outputs(inputs, params)];
  },
  reference(inputs, [dz, y], params) {
    crossEntropyGrad.reference(inputs, [dz!], params);
    crossEntropy.reference(inputs.slice(0, 2), [y!], params);
  },
  webgpu: (inputs, _outputs, params) => marginProgram(inputs, bothTexts(inputs, params)),
  candidates: (inputs, _outputs, params) => marginWays(inputs, bothTexts(inputs, params)),
  cpu(inputs, [dz, y], params) {
    return cpuSequence(5, [
      [crossEntropyGrad.cpu!(inputs, [dz!], params), [0, 1, 2, 3]],
      [crossEntropy.cpu!(inputs.slice(0, 2), [y!], params), [0, 1, 4]],
    ]);
  },
  flops: ([z]) => 7 * sizeOf(z!.shape),
};
