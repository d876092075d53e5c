/**
 * How far a network is from the true class t: m = log(sum over j != t of e^z_j) - z_t, per example;
 * m < 0 where t has more than half of the probability. Cross-entropy is softplus(m), but m does not
 * saturate: its gradient q - e_t, with q the softmax over the classes j != t, keeps its direction
 * and its size however certain the network is, also in f32.
 *
 * Labels out of range give NaN, and nothing is read out of bounds.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import type { Kernel } from "../kernel.ts";
import { marginCpu } from "./cpu.ts";
import { checkLabelled, checkRowGradient } from "./labels.ts";
import { marginGradReference, marginReference } from "./reference.ts";
import { marginProgram, type MarginResults, marginWays } from "./webgpu.ts";

/** What shaders compute. */
const VALUE: MarginResults = { value: { value: "m" } };
const GRADIENT: MarginResults = { gradient: { scale: "1.0", others: 0, own: 0 } };

/** Logits z, labels t -> m. */
export const margin: Kernel = {
  name: "margin",
  outputs([z, labels]) {
    checkLabelled("take the margin", z!, labels!);
    return [{ shape: [z!.shape[0]!], dtype: z!.dtype }];
  },
  reference: ([z, labels], [y]) => marginReference([z!, labels!, y!], ({ m }) => m),
  webgpu: (inputs) => marginProgram(inputs, VALUE),
  candidates: (inputs) => marginWays(inputs, VALUE),
  cpu: (inputs) => marginCpu("margin_values", inputs, { entropy: false }),
  flops: ([z]) => 4 * sizeOf(z!.shape),
};

/** Logits z, labels t, gradient g of m -> gradient of z: g (q - e_t). */
export const marginGrad: Kernel = {
  name: "marginGrad",
  outputs([z, labels, g]) {
    checkLabelled("take the gradient of the margin", z!, labels!);
    checkRowGradient("take the gradient of the margin", z!, g!);
    return [{ shape: z!.shape, dtype: z!.dtype }];
  },
  reference([z, labels, g], [y]) {
    marginGradReference([z!, labels!, g!, y!], () => 1, { others: 0, own: 0 });
  },
  webgpu: (inputs) => marginProgram(inputs, GRADIENT),
  candidates: (inputs) => marginWays(inputs, GRADIENT),
  cpu: (inputs) => marginCpu("margin_gradients", inputs, { entropy: false }),
  flops: ([z]) => 5 * sizeOf(z!.shape),
};
