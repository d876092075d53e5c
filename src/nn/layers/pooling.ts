/**
 * Pooling layers: images [N, H, W, C] become smaller images [N, H', W', C]. None has parameters.
 *
 * @module
 */
import type { Tensor } from "../../tensor/mod.ts";
import { formatPair, type Pair, pairOf } from "../check.ts";
import { Module } from "../module.ts";

/** Settings of `MaxPool2d` and `AvgPool2d`. */
export interface PoolingOptions {
  /** Steps between two windows. Default: kernelSize. */
  readonly stride?: Pair;
  /** Border on each side, at most half of kernelSize. Default 0. */
  readonly padding?: Pair;
}

/** What both kinds of window share. */
abstract class Pool2d extends Module {
  /** Height and width of a window. */
  readonly kernelSize: readonly [number, number];
  /** Steps between two windows. */
  readonly stride: readonly [number, number];
  /** Border on each side. */
  readonly padding: readonly [number, number];

  constructor(kernelSize: Pair, options: PoolingOptions = {}) {
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

  protected override get settings(): string {
    const { kernelSize, stride, padding } = this;
    const border = Math.max(...padding) > 0 ? `, padding=${formatPair(padding)}` : "";
    return `kernelSize=${formatPair(kernelSize)}, stride=${formatPair(stride)}${border}`;
  }
}

/** The largest value of each window; the border counts as minus infinity. */
export class MaxPool2d extends Pool2d {
  override forward(x: Tensor): Tensor {
    const { kernelSize, stride, padding } = this;
    return x.maxPool2d({ kernelSize, stride, padding });
  }
}

/** The mean of each window; the border counts as zeros. */
export class AvgPool2d extends Pool2d {
  override forward(x: Tensor): Tensor {
    const { kernelSize, stride, padding } = this;
    return x.avgPool2d({ kernelSize, stride, padding });
  }
}

/** The mean over height and width. */
export class GlobalAvgPool2d extends Module {
  override forward(x: Tensor): Tensor {
    return x.globalAvgPool2d();
  }
}
