/**
 * DenseNet-BC for small images (Huang, Liu, van der Maaten, Weinberger, CVPR 2017).
 *
 * @module
 */
import { tidy } from "../../scope.ts";
import { cat, type Tensor } from "../../tensor/mod.ts";
import { ReLU } from "../layers/activations.ts";
import { Sequential } from "../layers/containers.ts";
import type { Conv2d } from "../layers/convolution.ts";
import { Linear } from "../layers/linear.ts";
import { BatchNorm2d, type Normalize } from "../layers/normalization.ts";
import { AvgPool2d, GlobalAvgPool2d } from "../layers/pooling.ts";
import { Module } from "../module.ts";
import { heConv, type ModelOptions, type PartOptions, settingsOf } from "./parts.ts";

/** Adds `growth` channels to x: a convolution 1x1 to four times as many, then one 3x3. */
export class DenseLayer extends Module {
  /** Before `conv1`; ReLU lies between. */
  readonly norm1: BatchNorm2d;
  /** 1x1, the bottleneck. */
  readonly conv1: Conv2d;
  /** Before `conv2`; ReLU lies between. */
  readonly norm2: BatchNorm2d;
  /** 3x3. */
  readonly conv2: Conv2d;
  readonly #body: Sequential;

  /** Channels in, and channels added. */
  constructor(inChannels: number, growth: number, where: PartOptions) {
    super();
    this.norm1 = new BatchNorm2d(inChannels, where);
    this.conv1 = heConv([inChannels, 4 * growth], 1, where);
    this.norm2 = new BatchNorm2d(4 * growth, where);
    this.conv2 = heConv([4 * growth, growth], 3, where);
    const { norm1, conv1, norm2, conv2 } = this;
    this.#body = new Sequential(norm1, new ReLU(), conv1, norm2, new ReLU(), conv2);
  }

  /** The channels of x, then the new ones. */
  override forward(x: Tensor): Tensor {
    return tidy(() => cat([x, this.#body.forward(x)], -1));
  }
}

/** Settings of `DenseNet`. */
export interface DenseNetOptions extends ModelOptions {
  /** Channels that each layer adds, k. Default 12. */
  readonly growth?: number;
  /** Layers of each of the three blocks, (depth - 4) / 6. Default 6, which is depth 40. */
  readonly layers?: number;
}

/**
 * Convolution 3x3 to 2 k channels, three dense blocks with transitions that halve channels and image
 * between them, batch normalization, ReLU, the mean over the image, a linear layer. Images
 * [N, H, W, channels] give logits [N, classes].
 */
export class DenseNet extends Module {
  /** (x - mean) / deviation. */
  readonly normalize: Normalize;
  /** The layers by number: convolution, then dense layers and transitions, batch normalization. */
  readonly features: Sequential;
  /** The linear layer. */
  readonly classifier: Linear;
  readonly #all: Sequential;

  /** Draws the weights from the first layer to the last. */
  constructor(options: DenseNetOptions) {
    super();
    const { growth = 12, layers = 6 } = options;
    const { classes, channels, where, normalize } = settingsOf(options);
    this.normalize = normalize;
    let depth = 2 * growth;
    const parts: Module[] = [heConv([channels, depth], 3, where)];
    for (let block = 0; block < 3; block++) {
      if (block > 0) {
        const half = Math.floor(depth / 2);
        parts.push(transition([depth, half], where));
        depth = half;
      }
      for (let i = 0; i < layers; i++, depth += growth) {
        parts.push(new DenseLayer(depth, growth, where));
      }
    }
    parts.push(new BatchNorm2d(depth, where));
    this.features = new Sequential(...parts);
    this.classifier = new Linear(depth, classes, where);
    const pool = new GlobalAvgPool2d();
    this.#all = new Sequential(normalize, this.features, new ReLU(), pool, this.classifier);
  }

  /** Logits [N, classes]. */
  override forward(x: Tensor): Tensor {
    return this.#all.forward(x);
  }
}

/** Batch normalization, ReLU, convolution 1x1, mean of 2x2: parts 0 to 3. */
function transition(channels: readonly [number, number], where: PartOptions): Sequential {
  const norm = new BatchNorm2d(channels[0], where);
  return new Sequential(norm, new ReLU(), heConv(channels, 1, where), new AvgPool2d(2));
}
