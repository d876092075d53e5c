/**
 * Convolution layers.
 *
 * @module
 */
import type { Device } from "../../backend/mod.ts";
import type { Pair, PairOption } from "../../kernels/mod.ts";
import type { RandomStream } from "../../random.ts";
import { keep } from "../../scope.ts";
import type { Tensor } from "../../tensor/mod.ts";
import { checkWhole, formatPair, pairOf } from "../check.ts";
import { fansOf, uniformFan } from "../init.ts";
import { Module } from "../module.ts";

/** Settings of `Conv2d`. */
export interface ConvolutionOptions {
  /** Where the first weights come from. */
  readonly random: RandomStream;
  /** Steps between two places of the kernel. Default 1. */
  readonly stride?: PairOption;
  /** Zeros around the image, on each side. Default 0. */
  readonly padding?: PairOption;
  /** Distance of the kernel's elements. Default 1. */
  readonly dilation?: PairOption;
  /** Blocks of channels that do not see each other. Default 1. */
  readonly groups?: number;
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
  /** Default: the device of the last `init()`. */
  readonly device?: Device;
}

/**
 * Convolution over images, as networks mean it (without mirroring the kernel):
 * y[n, i, j, o] = b[o] + sum over u, v, c of x[n, s i + d u - p, s j + d v - p, c] W[u, v, c, o].
 *
 * Shapes: x [N, H, W, inChannels], W [KH, KW, inChannels / groups, outChannels], b [outChannels],
 * y [N, H', W', outChannels] with H' = floor((H + 2 p - d (KH - 1) - 1) / s) + 1. Both start uniform
 * within ± 1 / sqrt(KH KW inChannels / groups), as PyTorch's do.
 *
 * @example
 * ```ts
 * import { Conv2d, RandomStream, zeros } from "tapegrad";
 * const layer = new Conv2d(1, 16, 4, { stride: 2, padding: 1, random: new RandomStream(1) });
 * layer.forward(zeros([8, 28, 28, 1])).shape; // [8, 14, 14, 16]
 * ```
 */
export class Conv2d extends Module {
  /** W, shape [KH, KW, inChannels / groups, outChannels]. */
  readonly weight: Tensor;
  /** b, shape [outChannels]; null without. */
  readonly bias: Tensor | null;
  /** Steps between two places of the kernel. */
  readonly stride: Pair;
  /** Zeros on each side. */
  readonly padding: Pair;
  /** Distance of the kernel's elements. */
  readonly dilation: Pair;
  /** Blocks of channels that do not see each other. */
  readonly groups: number;

  /** Draws W, then b. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: PairOption,
    options: ConvolutionOptions,
  ) {
    super();
    const { groups = 1, bias = true, random, device } = options;
    checkWhole("Conv2d", "inChannels", inChannels);
    checkWhole("Conv2d", "outChannels", outChannels);
    checkWhole("Conv2d", "groups", groups);
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new RangeError(
        `Cannot make Conv2d: ${inChannels} input and ${outChannels} output channels ` +
          `must both be divisible by ${groups} groups`,
      );
    }
    const kernel = pairOf("Conv2d", "kernelSize", kernelSize);
    this.stride = pairOf("Conv2d", "stride", options.stride ?? 1);
    this.padding = pairOf("Conv2d", "padding", options.padding ?? 0, 0);
    this.dilation = pairOf("Conv2d", "dilation", options.dilation ?? 1);
    this.groups = groups;
    const shape = [...kernel, inChannels / groups, outChannels];
    const start = { random, ...(device && { device }), requiresGrad: true };
    this.weight = keep(uniformFan(shape, start));
    const { fanIn } = fansOf(shape);
    this.bias = bias ? keep(uniformFan([outChannels], { ...start, fanIn })) : null;
  }

  /** The convolution of x with the weights, and the bias. */
  override forward(x: Tensor): Tensor {
    return this.convolve(x, this.weight, this.bias);
  }

  /** The same with other weights and another bias of the same shapes. */
  convolve(x: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
    const { stride, padding, dilation, groups } = this;
    return x.conv2d(weight, { stride, padding, dilation, groups, ...bias && { bias } });
  }

  /** Settings in the printed form. */
  protected override get settings(): string {
    const [height, width, depth, out] = this.weight.shape as [number, number, number, number];
    const { stride, padding, dilation, groups } = this;
    const parts = [
      `${depth * groups}, ${out}, kernelSize=${formatPair([height, width])}`,
      `stride=${formatPair(stride)}`,
    ];
    if (Math.max(...padding) > 0) parts.push(`padding=${formatPair(padding)}`);
    if (Math.max(...dilation) > 1) parts.push(`dilation=${formatPair(dilation)}`);
    if (groups > 1) parts.push(`groups=${groups}`);
    if (this.bias === null) parts.push("bias=false");
    return parts.join(", ");
  }
}
