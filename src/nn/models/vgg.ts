/**
 * A small network in the style of VGG (Simonyan, Zisserman, ICLR 2015) with batch normalization, as
 * courses use it for CIFAR-10.
 *
 * @module
 */
import type { Tensor } from "../../tensor/mod.ts";
import { ReLU } from "../layers/activations.ts";
import { Sequential } from "../layers/containers.ts";
import { Linear } from "../layers/linear.ts";
import { BatchNorm2d, type Normalize } from "../layers/normalization.ts";
import { GlobalAvgPool2d, MaxPool2d } from "../layers/pooling.ts";
import { Module } from "../module.ts";
import { heConv, type ModelOptions, settingsOf } from "./parts.ts";

/** Settings of `Vgg`. */
export interface VggOptions extends ModelOptions {
  /** Channels of the three blocks. Default [64, 128, 256]. */
  readonly widths?: readonly number[];
}

/**
 * Per block two times convolution 3x3, batch normalization and ReLU, then max pooling 2x2; after the
 * blocks the mean over the image and a linear layer. Images [N, H, W, channels] give logits
 * [N, classes]; H and W are at least 8. Parts: `features` by number, as in torchvision, `classifier`.
 */
export class Vgg extends Module {
  /** (x - mean) / deviation. */
  readonly normalize: Normalize;
  /** The blocks. */
  readonly features: Sequential;
  /** The linear layer. */
  readonly classifier: Linear;
  readonly #all: Sequential;

  /** Draws the weights from the first layer to the last. */
  constructor(options: VggOptions) {
    super();
    const { widths = [64, 128, 256] } = options;
    const { classes, channels, where, normalize } = settingsOf(options);
    this.normalize = normalize;
    const layers: Module[] = [];
    let depth = channels;
    for (const width of widths) {
      for (const inChannels of [depth, width]) {
        layers.push(heConv([inChannels, width], 3, where), new BatchNorm2d(width, where));
        layers.push(new ReLU());
      }
      layers.push(new MaxPool2d(2));
      depth = width;
    }
    this.features = new Sequential(...layers);
    this.classifier = new Linear(depth, classes, where);
    this.#all = new Sequential(normalize, this.features, new GlobalAvgPool2d(), this.classifier);
  }

  /** Logits [N, classes]. */
  override forward(x: Tensor): Tensor {
    return this.#all.forward(x);
  }
}
