/**
 * What the models for small images share: options, normalization of pixels, convolutions without a
 * bias that start as He et al. propose.
 *
 * @module
 */
import type { Device } from "../../backend/mod.ts";
import type { RandomStream } from "../../random.ts";
import { tidy } from "../../scope.ts";
import { kaimingNormal } from "../init.ts";
import { ReLU } from "../layers/activations.ts";
import { Sequential } from "../layers/containers.ts";
import { Conv2d } from "../layers/convolution.ts";
import { BatchNorm2d, Normalize } from "../layers/normalization.ts";

/** Settings that all models for images [N, H, W, channels] in [0, 1] take. */
export interface ModelOptions {
  /** Where the first weights come from. */
  readonly random: RandomStream;
  /** Number of classes. Default 10. */
  readonly classes?: number;
  /** Channels of the images. Default 3. */
  readonly channels?: number;
  /**
   * Mean per channel of the training images. Default: CIFAR-10's for three channels, 0.5 for any
   * other number of channels.
   */
  readonly mean?: readonly number[];
  /** Standard deviation per channel. Default: CIFAR-10's for three channels, else 0.5. */
  readonly deviation?: readonly number[];
  /** Default: the device of the last `init()`. */
  readonly device?: Device;
}

/** Where layers are made and what they draw from. */
export interface PartOptions {
  /** Where the first weights come from. */
  readonly random: RandomStream;
  /** Default: the device of the last `init()`. */
  readonly device?: Device;
}

/** The options with their defaults. */
export interface ModelSettings {
  /** Number of classes. */
  readonly classes: number;
  /** Channels of the images. */
  readonly channels: number;
  /** For layers with weights. */
  readonly where: PartOptions;
  /** (x - mean) / deviation, the first layer. */
  readonly normalize: Normalize;
}

/** Fills in the defaults and makes the first layer. */
export function settingsOf(options: ModelOptions): ModelSettings {
  const { classes = 10, channels = 3, random, device } = options;
  const where = { random, ...(device && { device }) };
  const colours = channels === 3;
  const mean = options.mean ??
    (colours ? [0.4914, 0.4822, 0.4465] : Array<number>(channels).fill(0.5));
  const deviation = options.deviation ??
    (colours ? [0.247, 0.2435, 0.2616] : Array<number>(channels).fill(0.5));
  return { classes, channels, where, normalize: new Normalize(mean, deviation, where) };
}

/**
 * A square convolution without a bias, of odd `size`, that keeps height and width for stride 1. It
 * starts normal with variance 2 / fanOut (He, Zhang, Ren, Sun, 2015), as torchvision's ResNets do.
 */
export function heConv(
  [inChannels, outChannels]: readonly [number, number],
  size: number,
  options: PartOptions & { readonly stride?: number },
): Conv2d {
  const padding = (size - 1) / 2;
  const layer = new Conv2d(inChannels, outChannels, size, { ...options, padding, bias: false });
  const { random, device } = options;
  tidy(() => {
    const where = { random, ...(device && { device }) };
    const first = kaimingNormal(layer.weight.shape, { ...where, mode: "fanOut" });
    layer.weight.assign(first);
  });
  return layer;
}

/** Convolution, batch normalization, ReLU: parts 0, 1 and 2. */
export function convBnRelu(
  channels: readonly [number, number],
  size: number,
  options: PartOptions & { readonly stride?: number },
): Sequential {
  return new Sequential(
    heConv(channels, size, options),
    new BatchNorm2d(channels[1], options.device && { device: options.device }),
    new ReLU(),
  );
}
