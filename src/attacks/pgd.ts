/**
 * Projected gradient descent: from a random point of the ball, step along the gradient and project
 * back, many times.
 *
 * Madry, Makelov, Schmidt, Tsipras, Vladu: "Towards deep learning models resistant to adversarial
 * attacks", ICLR 2018. Without random start it is the basic iterative method, see bim.ts.
 *
 * @module
 */
import { type Attack, defineAttack } from "./attack.ts";
import { descend } from "./descend.ts";
import { type NormName, normOf } from "./norms.ts";
import { checkCount, checkNotNegative, type CommonOptions } from "./options.ts";

/** Options of attacks with several steps. */
export interface IterativeOptions extends CommonOptions {
  /** Default "linf". */
  readonly norm?: NormName;
  /** Gradient steps per start. Default 20. */
  readonly steps?: number;
  /** Length of a step, in the unit of the pixels. Default 2.5 eps / steps. */
  readonly stepSize?: number;
  /** Which point counts per example: the last (default), or the one with the best margin. */
  readonly keep?: "last" | "best";
}

/** Options of PGD. */
export interface PgdOptions extends IterativeOptions {
  /** Start at a random point of the ball. Default true. */
  readonly randomStart?: boolean;
  /** Random starts; per example the end with the best margin counts. Default 1. */
  readonly restarts?: number;
}

/** Throws for options that cannot be. */
export function checkPgd(options: PgdOptions): void {
  const { eps, norm = "linf", steps = 20, stepSize = 0, restarts = 1, randomStart = true } =
    options;
  checkNotNegative("eps", eps);
  normOf(norm);
  checkCount("steps", steps, 1);
  checkNotNegative("stepSize", stepSize);
  checkCount("restarts", restarts, 1);
  if (restarts === 1 || randomStart) return;
  throw new RangeError(
    `Cannot attack with ${restarts} restarts and without random start: all would be the same`,
  );
}

/**
 * Projected gradient descent.
 *
 * @example
 * ```ts
 * import { pgd, RandomStream, smallCnn, rand } from "tapegrad";
 * const random = new RandomStream(1);
 * const x = rand([2, 28, 28, 1], { random });
 * await pgd(smallCnn({ random }), x, [3, 7], { eps: 0.1, steps: 5, norm: "linf", seed: 1 });
 * ```
 */
export const pgd: Attack<PgdOptions> = defineAttack(
  "pgd",
  checkPgd,
  (model, { ball, goal, ids }, options) => {
    const { norm = "linf", steps = 20, stepSize = 2.5 * ball.eps / steps } = options;
    const { randomStart = true, restarts = 1, keep = "last", seed = 0, draw = 0 } = options;
    const where = { ids, captures: options.captures };
    const settings = { steps, stepSize, randomStart, restarts, keep, seed, draw, ...where };
    return descend({ model, ball, goal }, { norm: normOf(norm), ...settings });
  },
);
