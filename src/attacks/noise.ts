/**
 * Random changes at the budget of an attack: the baseline that tells what a gradient is worth.
 * The model is not asked.
 *
 * @module
 */
import { RandomStream } from "../random.ts";
import { rand, randn, type Tensor } from "../tensor/mod.ts";
import { type Attack, defineAttack } from "./attack.ts";
import { type Draw, unitLength } from "./norms.ts";
import { checkNotNegative, type CommonOptions } from "./options.ts";

/**
 * Kind of noise: `uniform` draws every pixel's change from [-eps, eps], `sign` is +eps or -eps per
 * pixel (the corners that FGSM goes to), `direction` is a random direction of Euclidean length eps.
 */
export type NoiseKind = "uniform" | "sign" | "direction";

/** Options of the noise baseline. */
export interface NoiseOptions extends CommonOptions {
  /** Default "uniform". */
  readonly kind?: NoiseKind;
}

function drawNoise(kind: NoiseKind, x: Tensor, eps: number, draw: Draw): Tensor {
  const options = { ...draw, dtype: x.dtype };
  if (kind === "direction") return unitLength(randn(x.shape, options)).mul(eps);
  const uniform = rand(x.shape, options);
  return kind === "sign" ? uniform.ge(0.5).mul(2 * eps).sub(eps) : uniform.mul(2 * eps).sub(eps);
}

function checkNoise({ eps, kind = "uniform" }: NoiseOptions): void {
  checkNotNegative("eps", eps);
  if (["uniform", "sign", "direction"].includes(kind)) return;
  throw new RangeError(
    `Cannot make noise of kind ${kind}: it must be "uniform", "sign" or "direction"`,
  );
}

/** Random noise at the budget eps, clamped to the box. */
export const noise: Attack<NoiseOptions> = defineAttack(
  "noise",
  checkNoise,
  (_model, { ball: { center, eps, box: [low, high] }, ids }, options) => {
    const { kind = "uniform", seed = 0, draw = 0 } = options;
    const random = new RandomStream(seed).fork("attack noise");
    random.step = draw;
    return center.add(drawNoise(kind, center, eps, { random, ids })).clamp(low, high);
  },
);
