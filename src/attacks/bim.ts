/**
 * Basic iterative method: FGSM in small steps from the clean image, clipped to the ball each time.
 *
 * Kurakin, Goodfellow, Bengio: "Adversarial examples in the physical world", ICLR workshop 2017.
 *
 * @module
 */
import { type Attack, defineAttack } from "./attack.ts";
import { descend } from "./descend.ts";
import { normOf } from "./norms.ts";
import { checkPgd, type IterativeOptions } from "./pgd.ts";

/** Options of BIM. */
export type BimOptions = IterativeOptions;

/** Basic iterative method: PGD from the clean image. Default 10 steps of 2.5 eps / steps. */
export const bim: Attack<BimOptions> = defineAttack(
  "bim",
  checkPgd,
  (model, { ball, goal, ids }, options) => {
    const { norm = "linf", steps = 10, stepSize = 2.5 * ball.eps / steps, keep = "last" } = options;
    const fixed = { randomStart: false, restarts: 1, seed: 0, draw: 0, ids };
    const settings = { ...fixed, steps, stepSize, keep, captures: options.captures };
    return descend({ model, ball, goal }, { norm: normOf(norm), ...settings });
  },
);
