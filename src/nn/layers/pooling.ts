/**
 * Pooling layers: images [N, H, W, C] become smaller images [N, H', W', C]. None has parameters.
 *
 * @module
 */
import type { Pair, PairOption } from "../../kernels/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import { formatPair, pairOf } from "../check.ts";
import { Module } from "../module.ts";

/** Settings of `MaxPool2d` and `AvgPool2d`. */
export interface PoolingOptions {
  /** Steps between two windows. Default: kernelSize. */
  readonly stride?: PairOption;
  /** Border on each side, at most half of kernelSize. Default 0. */
  readonly padding?: PairOption;
}

/** Settings of `AvgPool2d`. */
export interface AvgPoolingOptions extends PoolingOptions {
  /** Whether the border counts, as zeros; else only elements of the image. Default true. */
  readonly countIncludePad?: boolean;
}

/** What both kinds of pooling share. */
export abstract class Pool2d extends Module {
  /** Height and width of a window. */
  readonly kernelSize: Pair;
  /** Steps between two windows. */
  readonly stride: Pair;
  /** Border on each side. */
  readonly padding: Pair;

  /** `kernelSize` is the height and width of a window. */
  constructor(kernelSize: PairOption, options: PoolingOptions = {}) {
    super();
    const { name } = new.target;
    this.kernelSize = pairOf(name, "kernelSize", kernelSize);
    this.stride = pairOf(name, "stride", options.stride ?? kernelSize);
    this.padding = pairOf(name, "padding", options.padding ?? 0, 0);
    if (this.padding.some((size, axis) => 2 * size > this.kernelSize[axis]!)) {
      throw new RangeError(
        `Cannot make ${name}: padding is ${formatPair(this.padding)}, ` +
          `it must be at most half of kernelSize ${formatPair(this.kernelSize)}`,
      );
    }
  }

  /** Settings in the printed form. */
  protected override get settings(): string {
    const { kernelSize, stride, padding } = this;
    const border = Math.max(...padding) > 0 ? `, padding=${formatPair(padding)}` : "";
    return `kernelSize=${formatPair(kernelSize)}, stride=${formatPair(stride)}${border}`;
  }
}

/** The largest value of each window; the border never wins. */
export class MaxPool2d extends Pool2d {
  /** The largest value of each window. */
  override forward(x: Tensor): Tensor {
    const { kernelSize, stride, padding } = this;
    return x.maxPool2d({ kernelSize, stride, padding });
  }
}

/** The mean of each window. */
export class AvgPool2d extends Pool2d {
  /** Whether the border counts, as zeros. */
  readonly countIncludePad: boolean;

  /** `kernelSize` is the height and width of a window. */
  constructor(kernelSize: PairOption, options: AvgPoolingOptions = {}) {
    super(kernelSize, options);
    this.countIncludePad = options.countIncludePad ?? true;
  }

  /** The mean of each window. */
  override forward(x: Tensor): Tensor {
    const { kernelSize, stride, padding, countIncludePad } = this;
    return x.avgPool2d({ kernelSize, stride, padding, countIncludePad });
  }

  /** Settings in the printed form. */
  protected override get settings(): string {
    return super.settings + (this.countIncludePad ? "" : ", countIncludePad=false");
  }
}

/** The mean over height and width: [N, H, W, C] becomes [N, C]. */
export class GlobalAvgPool2d extends Module {
  /** The mean over height and width. */
  override forward(x: Tensor): Tensor {
    return x.globalAvgPool2d();
  }
}
