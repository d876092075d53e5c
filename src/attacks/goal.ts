/**
 * What an attack pushes: away from the true label, or towards a target. Both follow the margin
 * m = logsumexp of the other logits - own logit. Cross-entropy is softplus(m), so the direction per
 * example is that of cross-entropy, but it does not vanish in float32 when the network is certain.
 *
 * @module
 */
import type { Module } from "../nn/mod.ts";
import { frozen, withMode } from "../nn/mod.ts";
import { tidy } from "../scope.ts";
import type { Tensor } from "../tensor/mod.ts";

/** What the attack follows: the margin (default), or cross-entropy as it is. */
export type AttackLoss = "margin" | "crossEntropy";

/** A direction to push every example in. */
export interface Goal {
  /** The class that the loss is about: the true label, or the target. Shape [N]. */
  readonly classes: Tensor;
  /** +1 to raise its loss, -1 to lower it. */
  readonly sign: 1 | -1;
  /** What is followed. */
  readonly loss: AttackLoss;
}

/** The gain of every example (higher is better for the attack) and its gradient. */
export interface Gain {
  /** Shape [N]. */
  readonly value: Tensor;
  /** Shape of the images. */
  readonly gradient: Tensor;
}

function gainOf(model: Module, x: Tensor, { classes, sign, loss }: Goal): Tensor {
  const logits = model.forward(x);
  const value = loss === "margin"
    ? logits.margin(classes)
    : logits.crossEntropy(classes, { reduction: "none" });
  return sign === 1 ? value : value.neg();
}

/** Runs `fn` as attacks need the model: in eval mode, parameters constant; all put back after. */
export function asVictim<T>(model: Module, fn: () => T): T {
  return tidy(() => frozen(model, () => withMode(model, false, fn)));
}

/**
 * The gain at `x` and its gradient with respect to `x` alone. Examples are summed, never averaged,
 * so that no example's gradient depends on the size of its batch.
 */
export function gainAndGradient(model: Module, x: Tensor, goal: Goal): Gain {
  return asVictim(model, () => {
    const leaf = x.detach();
    leaf.requiresGrad = true;
    const value = gainOf(model, leaf, goal);
    const [gradient] = value.sum().gradients([leaf]);
    return { value: value.detach(), gradient: gradient! };
  });
}

/** The gain at `x`. */
export function gainAt(model: Module, x: Tensor, goal: Goal): Tensor {
  return asVictim(model, () => gainOf(model, x.detach(), goal).detach());
}
