/**
 * What attacks are told, and the checks of it.
 *
 * @module
 */
import { isFloat } from "../dtype.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import { formatShape } from "../shape.ts";
import { type Captures, type Tensor, tensor } from "../tensor/mod.ts";
import type { AttackLoss, Goal } from "./goal.ts";
import type { Ball } from "./norms.ts";

/** Whole numbers per example, or a tensor of them. */
export type Classes = Tensor | readonly number[] | Uint8Array | Int32Array | Uint32Array;

/** Options of every attack. */
export interface CommonOptions {
  /** Budget in the attack's norm, in the unit of the pixels (0.1 is a tenth of the range [0, 1]). */
  readonly eps: number;
  /**
   * The class that all examples, or each one, should be taken for. Labels stay the true ones.
   * Default: none, any wrong class will do.
   */
  readonly target?: number | Classes;
  /**
   * What to follow. `margin` (default) has the direction of cross-entropy and does not vanish on
   * confident networks; `crossEntropy` is the textbook loss, float32 underflow included.
   */
  readonly loss?: AttackLoss;
  /** Smallest and largest valid pixel. Default [0, 1]. */
  readonly box?: readonly [number, number];
  /** Seed of random starts and noise. Default 0. */
  readonly seed?: number;
  /**
   * Which example each image is: random numbers depend on it and not on the place in the batch.
   * Default 0, 1, ..., N - 1.
   */
  readonly ids?: Classes;
  /**
   * Which draw of random numbers it is, a whole number >= 0: training counts it up, so that the
   * same image meets other noise the next time. Default 0.
   */
  readonly draw?: number;
  /**
   * Captured steps to go on with, for many batches of one model under equal options. Default: an
   * attack of several steps captures them for itself.
   */
  readonly captures?: Captures;
}

/** What may change from batch to batch under settled options. */
export type BatchOptions = Pick<CommonOptions, "ids" | "draw" | "captures">;

/** Largest value of `eps` in 8-bit steps: `px(8)` is 8/255. */
export function px(steps: number): number {
  return steps / 255;
}

function classesTensor(act: string, classes: Classes, like: Tensor): Tensor {
  const [count] = like.shape;
  const given = classes as Tensor;
  const values = typeof given.dtype === "string" && Array.isArray(given.shape)
    ? given.detach()
    : tensor(Int32Array.from(classes as ArrayLike<number>), { device: like.device });
  if (isFloat(values.dtype)) {
    throw new DTypeError(
      `Cannot ${act} of type ${values.dtype}: the type must be i32 or u32, use cast()`,
    );
  }
  if (values.shape.length !== 1 || values.shape[0] !== count) {
    throw new ShapeError(
      `Cannot ${act} of shape ${formatShape(values.shape)} for images of shape ` +
        `${formatShape(like.shape)}: one whole number per image is needed`,
    );
  }
  return values;
}

/** Checked operands of an attack. */
export interface Prepared {
  /** The clean images and how far they may move. */
  readonly ball: Ball;
  /** True labels, shape [N]. */
  readonly labels: Tensor;
  /** Undefined for an untargeted attack. */
  readonly targets: Tensor | undefined;
  /** Which example each image is, shape [N]. */
  readonly ids: Tensor;
  /** Where to push. */
  readonly goal: Goal;
}

/** Checks a number that must be at least 0. */
export function checkNotNegative(name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new RangeError(`Cannot attack with ${name} = ${value}: it must be a finite number >= 0`);
}

/** Checks a count. */
export function checkCount(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new RangeError(
    `Cannot attack with ${name} = ${value}: it must be a whole number >= ${least}`,
  );
}

/** Gives the operands of an attack back. */
export function disposePrepared({ ball, labels, targets, ids }: Prepared): void {
  for (const operand of [ball.center, labels, targets, ids]) operand?.dispose();
}

/** Checks what can be checked without waiting, and makes the operands. */
export function prepare(x: Tensor, labels: Classes, options: CommonOptions): Prepared {
  const { eps, target, loss = "margin", box = [0, 1], draw = 0 } = options;
  checkNotNegative("eps", eps);
  checkCount("draw", draw, 0);
  if (!(box[0] < box[1])) {
    throw new RangeError(`Cannot attack in the box [${box.join(", ")}]: it must be [low, high]`);
  }
  if (x.shape.length < 2 || !isFloat(x.dtype)) {
    throw new ShapeError(
      `Cannot attack images ${x.dtype} ${formatShape(x.shape)}: they must be a batch of floats, ` +
        "one image per index of the first axis",
    );
  }
  const count = x.shape[0]!;
  const truth = classesTensor("attack with labels", labels, x);
  const wanted = typeof target === "number" ? new Int32Array(count).fill(target) : target;
  const targets = wanted === undefined
    ? undefined
    : classesTensor("attack with targets", wanted, x);
  const ids = options.ids ?? Uint32Array.from({ length: count }, (_, i) => i);
  return {
    ball: { center: x.detach(), eps, box },
    labels: truth,
    targets,
    ids: classesTensor("attack with ids", ids, x),
    goal: { classes: targets ?? truth, sign: targets === undefined ? 1 : -1, loss },
  };
}
