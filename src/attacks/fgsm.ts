/**
 * Fast gradient sign method: x' = clamp(x + eps sign(grad L)).
 *
 * Goodfellow, Shlens, Szegedy: "Explaining and harnessing adversarial examples", ICLR 2015.
 * Norm: largest change of a pixel. Pixels whose gradient is exactly 0, and pixels that the box
 * stops, change less than eps.
 *
 * @module
 */
import { type Attack, defineAttack } from "./attack.ts";
import { descend } from "./descend.ts";
import { linf } from "./norms.ts";
import { checkNotNegative, type CommonOptions } from "./options.ts";
import { singleStep } from "./single_step.ts";

/** Options of FGSM: only the common ones. */
export type FgsmOptions = CommonOptions;

/**
 * Fast gradient sign method.
 *
 * @example
 * ```ts
 * import { fgsm, RandomStream, smallCnn, rand } from "tapegrad";
 * const random = new RandomStream(1);
 * const model = smallCnn({ random });
 * const x = rand([2, 28, 28, 1], { random });
 * const { success, after } = await fgsm(model, x, [3, 7], { eps: 0.1 });
 * ```
 * @throws RangeError for a negative eps, labels out of range, images outside of the box or not
 * finite; ShapeError when labels and images do not match.
 */
export const fgsm: Attack<FgsmOptions> = defineAttack(
  "fgsm",
  ({ eps }) => checkNotNegative("eps", eps),
  (model, { ball, goal, ids }, { captures }) => {
    return descend({ model, ball, goal }, singleStep(linf, { eps: ball.eps, ids, captures }));
  },
);
