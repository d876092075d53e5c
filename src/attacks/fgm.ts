/**
 * Fast gradient method, the Euclidean step: x' = clamp(x + eps g / ||g||), per example, with g the
 * gradient of the loss. An example whose gradient is 0 stays as it is.
 *
 * Miyato, Dai, Goodfellow: "Adversarial training methods for semi-supervised text classification",
 * ICLR 2017, equation 5. Norm: Euclidean length over all pixels of an image. A sign step of the
 * same length has eps_sign = eps / sqrt(pixels).
 *
 * @module
 */
import { type Attack, defineAttack } from "./attack.ts";
import { descend } from "./descend.ts";
import { l2 } from "./norms.ts";
import { checkNotNegative, type CommonOptions } from "./options.ts";
import { singleStep } from "./single_step.ts";

/** Options of FGM: only the common ones; eps is the Euclidean length of the change. */
export type FgmOptions = CommonOptions;

/** Fast gradient method: one step of Euclidean length eps along the normalised gradient. */
export const fgm: Attack<FgmOptions> = defineAttack(
  "fgm",
  ({ eps }) => checkNotNegative("eps", eps),
  (model, { ball, goal, ids }, { captures }) => {
    return descend({ model, ball, goal }, singleStep(l2, { eps: ball.eps, ids, captures }));
  },
);
