/**
 * The small Inception of "Understanding deep learning requires rethinking generalization" (Zhang,
 * Bengio, Hardt, Recht, Vinyals, ICLR 2017), appendix A, figure 3.
 *
 * @module
 */
import { tidy } from "../../scope.ts";
import { cat, type Tensor } from "../../tensor/mod.ts";
import { Sequential } from "../layers/containers.ts";
import { Linear } from "../layers/linear.ts";
import type { Normalize } from "../layers/normalization.ts";
import { GlobalAvgPool2d, MaxPool2d } from "../layers/pooling.ts";
import { Module } from "../module.ts";
import { convBnRelu, type ModelOptions, type PartOptions, settingsOf } from "./parts.ts";

/** Convolutions 1x1 and 3x3 side by side, each with batch normalization and ReLU. */
export class InceptionBlock extends Module {
  /** 1x1. */
  readonly branch1: Sequential;
  /** 3x3. */
  readonly branch3: Sequential;

  /** Channels in, and out of each branch. */
  constructor(inChannels: number, [one, three]: readonly [number, number], where: PartOptions) {
    super();
    this.branch1 = convBnRelu([inChannels, one], 1, where);
    this.branch3 = convBnRelu([inChannels, three], 3, where);
  }

  /** The channels of both branches, one after the other. */
  override forward(x: Tensor): Tensor {
    return tidy(() => cat([this.branch1.forward(x), this.branch3.forward(x)], -1));
  }
}

/** Halves height and width: a convolution 3x3 beside max pooling 3x3, both of stride 2. */
export class InceptionDownsample extends Module {
  /** 3x3 of stride 2. */
  readonly branch3: Sequential;
  readonly #pool = new MaxPool2d(3, { stride: 2, padding: 1 });

  /** Channels in, and out of the convolution. */
  constructor(inChannels: number, three: number, where: PartOptions) {
    super();
    this.branch3 = convBnRelu([inChannels, three], 3, { ...where, stride: 2 });
  }

  /** The channels of the convolution, then those of x. */
  override forward(x: Tensor): Tensor {
    return tidy(() => cat([this.branch3.forward(x), this.#pool.forward(x)], -1));
  }
}

/** Channels of the branches, 1x1 and 3x3; one number halves the image. */
const PLAN: readonly (readonly [number, number] | number)[] = [
  [32, 32],
  [32, 48],
  80,
  [112, 48],
  [96, 64],
  [80, 80],
  [48, 96],
  96,
  [176, 160],
  [176, 160],
];

/**
 * Convolution 3x3 to 96 channels, eight Inception blocks and two that halve the image, the mean over
 * the image, a linear layer. Images [N, H, W, channels] give logits [N, classes].
 */
export class SmallInception extends Module {
  /** (x - mean) / deviation. */
  readonly normalize: Normalize;
  /** The first convolution, then the blocks. */
  readonly features: Sequential;
  /** The linear layer. */
  readonly fc: Linear;
  readonly #all: Sequential;

  /** Draws the weights from the first layer to the last. */
  constructor(options: ModelOptions) {
    super();
    const { classes, channels, where, normalize } = settingsOf(options);
    this.normalize = normalize;
    let depth = 96;
    const layers: Module[] = [convBnRelu([channels, depth], 3, where)];
    for (const widths of PLAN) {
      if (typeof widths === "number") {
        layers.push(new InceptionDownsample(depth, widths, where));
        depth += widths;
      } else {
        layers.push(new InceptionBlock(depth, widths, where));
        depth = widths[0] + widths[1];
      }
    }
    this.features = new Sequential(...layers);
    this.fc = new Linear(depth, classes, where);
    this.#all = new Sequential(normalize, this.features, new GlobalAvgPool2d(), this.fc);
  }

  /** Logits [N, classes]. */
  override forward(x: Tensor): Tensor {
    return this.#all.forward(x);
  }
}
