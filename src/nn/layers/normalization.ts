/**
 * Layers that shift and scale values per channel, the last axis.
 *
 * @module
 */
import type { Device } from "../../backend/mod.ts";
import { keep } from "../../scope.ts";
import { formatShape } from "../../shape.ts";
import { ones, type Tensor, tensor, zeros } from "../../tensor/mod.ts";
import { ShapeError } from "../../errors.ts";
import { checkWhole } from "../check.ts";
import { Module } from "../module.ts";

/** Settings of `BatchNorm2d`. */
export interface NormalizationOptions {
  /** Share of a batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Default: the device of the last `init()`. */
  readonly device?: Device;
}

/**
 * Batch normalization (Ioffe, Szegedy, 2015): y = (x - mean) / sqrt(variance + epsilon) weight + bias,
 * per channel.
 *
 * Training: mean and variance of the batch, the variance divided by the number n of values per
 * channel; the running statistics move by `momentum` towards the batch's, with its variance divided
 * by n - 1. Evaluation: the running statistics. All as in PyTorch.
 *
 * Shapes: x and y [N, H, W, channels] (or any [..., channels]); weight (starts at 1), bias (at 0),
 * runningMean (at 0) and runningVariance (at 1) [channels].
 */
export class BatchNorm2d extends Module {
  /** Factor per channel. */
  readonly weight: Tensor;
  /** Offset per channel. */
  readonly bias: Tensor;
  /** Mean over past batches; not learned. */
  readonly runningMean: Tensor;
  /** Variance over past batches; not learned. */
  readonly runningVariance: Tensor;
  /** Share of a batch in the running statistics. Steps that are captured keep theirs. */
  momentum: number;
  /** Added to the variance. */
  readonly epsilon: number;

  /** `channels` is the size of the last axis. */
  constructor(channels: number, options: NormalizationOptions = {}) {
    super();
    const { momentum = 0.1, epsilon = 1e-5, ...where } = options;
    checkWhole("BatchNorm2d", "channels", channels);
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new RangeError(
        `Cannot make BatchNorm2d: momentum is ${momentum}, it must be from 0 to 1`,
      );
    }
    if (!(epsilon > 0 && epsilon < Infinity)) {
      throw new RangeError(
        `Cannot make BatchNorm2d: epsilon is ${epsilon}, it must be a number above 0`,
      );
    }
    this.weight = keep(ones([channels], { ...where, requiresGrad: true }));
    this.bias = keep(zeros([channels], { ...where, requiresGrad: true }));
    this.runningMean = keep(zeros([channels], where));
    this.runningVariance = keep(ones([channels], where));
    this.momentum = momentum;
    this.epsilon = epsilon;
  }

  /** x normalized; in training the running statistics move */
  override forward(x: Tensor): Tensor {
    const { weight, bias, runningMean, runningVariance, epsilon, momentum } = this;
    if (!this.training) {
      return x.batchNorm(weight, bias, { epsilon, mean: runningMean, variance: runningVariance });
    }
    const running = { mean: runningMean, variance: runningVariance, momentum };
    return x.batchNorm(weight, bias, { epsilon, running });
  }

  /** The running statistics are not learned. */
  protected override get bufferNames(): readonly string[] {
    return ["runningMean", "runningVariance"];
  }

  /** Settings in the printed form. */
  protected override get settings(): string {
    return `${this.weight.size}, momentum=${this.momentum}, epsilon=${this.epsilon}`;
  }
}

/**
 * y = (x - mean) / deviation per channel, with fixed numbers: the standardization of images inside
 * the model, so that attacks and pictures stay in [0, 1].
 *
 * @example
 * ```ts
 * import { Normalize, ones } from "tapegrad";
 * const layer = new Normalize([0.1307], [0.3081]); // MNIST
 * layer.forward(ones([1, 28, 28, 1])); // 2.8215 everywhere
 * ```
 */
export class Normalize extends Module {
  /** Mean per channel. */
  readonly mean: Tensor;
  /** Standard deviation per channel. */
  readonly deviation: Tensor;

  /** One mean and one deviation per channel. */
  constructor(
    mean: readonly number[],
    deviation: readonly number[],
    options: { readonly device?: Device } = {},
  ) {
    super();
    if (mean.length === 0 || mean.length !== deviation.length) {
      throw new RangeError(
        `Cannot make Normalize: ${mean.length} means and ${deviation.length} deviations are given, ` +
          "there must be one of each per channel",
      );
    }
    const wrong = deviation.find((value) => !(value > 0 && value < Infinity));
    if (wrong !== undefined) {
      throw new RangeError(`Cannot make Normalize: deviation ${wrong} must be a number above 0`);
    }
    this.mean = keep(tensor(mean, options));
    this.deviation = keep(tensor(deviation, options));
  }

  /** (x - mean) / deviation */
  override forward(x: Tensor): Tensor {
    if (x.shape.at(-1) !== this.mean.size) {
      throw new ShapeError(
        `Cannot normalize a tensor of shape ${formatShape(x.shape)}: ` +
          `its last axis must have ${this.mean.size} channels`,
      );
    }
    return x.sub(this.mean).div(this.deviation);
  }

  /** The fixed numbers are not learned. */
  protected override get bufferNames(): readonly string[] {
    return ["mean", "deviation"];
  }

  /** Settings in the printed form. */
  protected override get settings(): string {
    return `${this.mean.size} channels`;
  }
}
