/**
 * Convolution layers.
 *
 * @module
 */
import type { Device } from "../../backend/mod.ts";
import type { RandomStream } from "../../random.ts";
import { keep } from "../../scope.ts";
import type { Tensor } from "../../tensor/mod.ts";
import { checkWhole, formatPair, type Pair, pairOf } from "../check.ts";
import { fansOf, uniformFan } from "../init.ts";
import { Module } from "../module.ts";

/** Settings of `Conv2d`. */
export interface ConvolutionOptions {
  /** Where the first weights come from. */
  readonly random: RandomStream;
  /** Steps between two places of the kernel. Default 1. */
  readonly stride?: Pair;
  /** Zeros around the image, on each side. Default 0. */
  readonly padding?: Pair;
  /** Distance of the kernel's elements. Default 1. */
  readonly dilation?: Pair;
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
  readonly stride: readonly [number, number];
  /** Zeros on each side. */
  readonly padding: readonly [number, number];
  /** Distance of the kernel's elements. */
  readonly dilation: readonly [number, number];
  /** Blocks of channels that do not see each other. */
  readonly groups: number;

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Pair,
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

  override forward(x: Tensor): Tensor {
    const { stride, padding, dilation, groups } = this;
    const y = x.conv2d(this.weight, { stride, padding, dilation, groups });
    return this.bias === null ? y : y.add(this.bias);
  }

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
