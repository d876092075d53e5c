/**
 * Layers that multiply by a matrix.
 *
 * @module
 */
import type { Device } from "../../backend/mod.ts";
import type { RandomStream } from "../../random.ts";
import { keep } from "../../scope.ts";
import type { Tensor } from "../../tensor/mod.ts";
import { checkWhole } from "../check.ts";
import { uniformFan } from "../init.ts";
import { Module } from "../module.ts";

/** Settings of `Linear`. */
export interface LinearOptions {
  /** Where the first weights come from. */
  readonly random: RandomStream;
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
  /** Default: the device of the last `init()`. */
  readonly device?: Device;
}

/**
 * y = x W + b.
 *
 * Shapes: x [..., inFeatures], W [inFeatures, outFeatures], b [outFeatures], y [..., outFeatures].
 * Both start uniform within ± 1 / sqrt(inFeatures), as PyTorch's do.
 *
 * @example
 * ```ts
 * import { Linear, RandomStream, zeros } from "tapegrad";
 * const layer = new Linear(784, 10, { random: new RandomStream(1) });
 * layer.forward(zeros([32, 784])).shape; // [32, 10]
 * ```
 */
export class Linear extends Module {
  /** W, shape [inFeatures, outFeatures]. */
  readonly weight: Tensor;
  /** b, shape [outFeatures]; null without. */
  readonly bias: Tensor | null;

  /** Draws W, then b. */
  constructor(inFeatures: number, outFeatures: number, options: LinearOptions) {
    super();
    checkWhole("Linear", "inFeatures", inFeatures);
    checkWhole("Linear", "outFeatures", outFeatures);
    const { bias = true, ...where } = options;
    const start = { ...where, requiresGrad: true };
    this.weight = keep(uniformFan([inFeatures, outFeatures], start));
    this.bias = bias ? keep(uniformFan([outFeatures], { ...start, fanIn: inFeatures })) : null;
  }

  /** x W + b */
  override forward(x: Tensor): Tensor {
    return this.bias === null ? x.matmul(this.weight) : x.linear(this.weight, this.bias);
  }

  /** Settings in the printed form. */
  protected override get settings(): string {
    return `${this.weight.shape.join(", ")}${this.bias === null ? ", bias=false" : ""}`;
  }
}
