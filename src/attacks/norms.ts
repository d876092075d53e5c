/**
 * The two norms that attacks are measured in. A norm gives three verbs: where to start at random,
 * which way is steepest, and how to come back into the ball; all per example.
 *
 * @module
 */
import { euclideanStep } from "../kernels/mod.ts";
import type { RandomStream } from "../random.ts";
import { sizeOf } from "../shape.ts";
import { rand, randn, run, type Tensor } from "../tensor/mod.ts";

/** Name of a norm: largest change of a pixel, or Euclidean length over all pixels. */
export type NormName = "linf" | "l2";

/** A ball about the clean images, within the box of valid pixels. */
export interface Ball {
  /** The clean images. */
  readonly center: Tensor;
  /** Radius, in the unit of the pixels. */
  readonly eps: number;
  /** Smallest and largest valid pixel. */
  readonly box: readonly [number, number];
}

/** Where random numbers come from, and which examples they are for. */
export interface Draw {
  readonly random: RandomStream;
  readonly ids: Tensor;
}

/** A norm and its geometry. */
export interface Norm {
  readonly name: NormName;
  /**
   * The point that lies `stepSize` from `x` in the steepest direction, then the nearest one inside both
   * ball and box; no step where the gradient is 0.
   */
  step(x: Tensor, gradient: Tensor, stepSize: number, ball: Ball): Tensor;
  /** The nearest point inside both ball and box. */
  project(x: Tensor, ball: Ball): Tensor;
  /** A random point, uniform in the ball, before the box. */
  start(ball: Ball, draw: Draw): Tensor;
}

/** The axes of one example. */
export function exampleAxes(x: Tensor): number[] {
  return x.shape.slice(1).map((_, axis) => axis + 1);
}

/** Euclidean length of every example, shape [N, 1, ...]. Neither over- nor underflows. */
export function lengths(x: Tensor): Tensor {
  return x.norm(exampleAxes(x), { keepAxes: true });
}

/** Every example scaled to length 1; zero stays zero. */
export function unitLength(x: Tensor): Tensor {
  // Two divisions, because the square of a very small gradient would underflow.
  const largest = x.abs().max(exampleAxes(x), { keepAxes: true });
  const scaled = x.div(largest.eq(0).where(1, largest));
  const length = lengths(scaled);
  return scaled.div(length.eq(0).where(1, length));
}

/** Largest change of a pixel. */
export const linf: Norm = {
  name: "linf",
  step: (x, gradient, stepSize, ball) => linf.project(x.add(gradient.sign().mul(stepSize)), ball),
  // Clamping to [max(x - eps, low), min(x + eps, high)] at once leaves no rounding outside.
  project: (x, { center, eps, box: [low, high] }) =>
    x.clamp(center.sub(eps).maximum(low), center.add(eps).minimum(high)),
  start: ({ center, eps }, draw) =>
    rand(center.shape, { ...draw, dtype: center.dtype }).mul(2 * eps).sub(eps).add(center),
};

/** Euclidean length. */
export const l2: Norm = {
  name: "l2",
  step: (x, gradient, stepSize, { center, eps, box }) => {
    return run(euclideanStep, [x, gradient, center], { stepSize, eps, box })[0]!;
  },
  project: (x, ball) => l2.step(x, x, 0, ball),
  // A normal direction, and the radius of a uniform point in d dimensions: eps u^(1/d).
  start({ center, eps }, draw) {
    const direction = unitLength(randn(center.shape, { ...draw, dtype: center.dtype }));
    const dimensions = sizeOf(center.shape.slice(1));
    const shape = center.shape.map((size, axis) => axis === 0 ? size : 1);
    const radius = rand(shape, { ...draw, dtype: center.dtype }).pow(1 / dimensions).mul(eps);
    return center.add(direction.mul(radius));
  },
};

/** The norm of a name. */
export function normOf(name: NormName): Norm {
  if (name === "linf") return linf;
  if (name === "l2") return l2;
  throw new RangeError(`Cannot attack in the norm ${String(name)}: it must be "linf" or "l2"`);
}
