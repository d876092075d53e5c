/**
 * Residual networks for small images (He, Zhang, Ren, Sun, CVPR 2016).
 *
 * Where the shape changes, the shortcut is a convolution 1x1 with batch normalization: option B of
 * section 3.3, where section 4.2 has option A for CIFAR-10. It costs 2,752 parameters in ResNet-20.
 *
 * @module
 */
import { tidy } from "../../scope.ts";
import type { Tensor } from "../../tensor/mod.ts";
import { ReLU } from "../layers/activations.ts";
import { Sequential } from "../layers/containers.ts";
import type { Conv2d } from "../layers/convolution.ts";
import { Linear } from "../layers/linear.ts";
import { BatchNorm2d, type Normalize } from "../layers/normalization.ts";
import { GlobalAvgPool2d } from "../layers/pooling.ts";
import { Module } from "../module.ts";
import { heConv, type ModelOptions, type PartOptions, settingsOf } from "./parts.ts";

/** y = relu(F(x) + shortcut(x)) with F two convolutions 3x3. Parts are named as in torchvision. */
export class BasicBlock extends Module {
  /** Takes the stride. */
  readonly conv1: Conv2d;
  /** After `conv1`; ReLU follows. */
  readonly bn1: BatchNorm2d;
  /** Stride 1. */
  readonly conv2: Conv2d;
  /** After `conv2`. */
  readonly bn2: BatchNorm2d;
  /** The shortcut's convolution and batch normalization; null where it is x itself. */
  readonly downsample: Sequential | null;
  readonly #body: Sequential;

  /** From and to how many channels. */
  constructor([from, to]: readonly [number, number], stride: number, where: PartOptions) {
    super();
    this.conv1 = heConv([from, to], 3, { ...where, stride });
    this.bn1 = new BatchNorm2d(to, where);
    this.conv2 = heConv([to, to], 3, where);
    this.bn2 = new BatchNorm2d(to, where);
    const changes = stride !== 1 || from !== to;
    this.downsample = changes
      ? new Sequential(heConv([from, to], 1, { ...where, stride }), new BatchNorm2d(to, where))
      : null;
    this.#body = new Sequential(this.conv1, this.bn1, new ReLU(), this.conv2, this.bn2);
  }

  /** relu(F(x) + shortcut(x)) */
  override forward(x: Tensor): Tensor {
    return tidy(() => this.#body.forward(x).add(this.downsample?.forward(x) ?? x).relu());
  }
}

/** Settings of `ResNet`. */
export interface ResNetOptions extends ModelOptions {
  /** Blocks per stage, three or four stages. */
  readonly blocks: readonly number[];
  /** Channels of the first stage; each following stage has twice as many. */
  readonly width: number;
}

/**
 * Convolution 3x3, stages of residual blocks of which all but the first halve height and width, the
 * mean over the image, a linear layer. Images [N, H, W, channels] give logits [N, classes].
 */
export class ResNet extends Module {
  /** (x - mean) / deviation. */
  readonly normalize: Normalize;
  /** To `width` channels. */
  readonly conv1: Conv2d;
  /** After `conv1`; ReLU follows. */
  readonly bn1: BatchNorm2d;
  /** First stage. */
  readonly layer1: Sequential;
  /** Second stage. */
  readonly layer2: Sequential;
  /** Third stage. */
  readonly layer3: Sequential;
  /** Fourth stage; null in the networks of section 4.2. */
  readonly layer4: Sequential | null;
  /** The linear layer. */
  readonly fc: Linear;
  readonly #all: Sequential;

  /** Draws the weights from the first layer to the last. */
  constructor(options: ResNetOptions) {
    super();
    const { blocks, width } = options;
    if (blocks.length < 3 || blocks.length > 4) {
      throw new RangeError(
        `Cannot make ResNet: there are ${blocks.length} stages, they must be three or four`,
      );
    }
    const { classes, channels, where, normalize } = settingsOf(options);
    this.normalize = normalize;
    this.conv1 = heConv([channels, width], 3, where);
    this.bn1 = new BatchNorm2d(width, where);
    const stages = blocks.map((count, i) => stage(count, i, width, where));
    this.layer1 = stages[0]!;
    this.layer2 = stages[1]!;
    this.layer3 = stages[2]!;
    this.layer4 = stages[3] ?? null;
    this.fc = new Linear(width * 2 ** (blocks.length - 1), classes, where);
    const { conv1, bn1, fc } = this;
    const start = [normalize, conv1, bn1, new ReLU()];
    this.#all = new Sequential(...start, ...stages, new GlobalAvgPool2d(), fc);
  }

  /** Logits [N, classes]. */
  override forward(x: Tensor): Tensor {
    return this.#all.forward(x);
  }
}

function stage(count: number, index: number, width: number, where: PartOptions): Sequential {
  const to = width * 2 ** index;
  const blocks = Array.from({ length: count }, (_, i) => {
    const halves = i === 0 && index > 0;
    return new BasicBlock([halves ? to / 2 : to, to], halves ? 2 : 1, where);
  });
  return new Sequential(...blocks);
}

/** ResNet-8 for CIFAR-10, n = 1 in section 4.2: 16, 32 and 64 channels, one block each. */
export function resnet8(options: ModelOptions): ResNet {
  return new ResNet({ ...options, blocks: [1, 1, 1], width: 16 });
}

/** ResNet-20 for CIFAR-10, n = 3 in section 4.2: 16, 32 and 64 channels, three blocks each. */
export function resnet20(options: ModelOptions): ResNet {
  return new ResNet({ ...options, blocks: [3, 3, 3], width: 16 });
}

/** ResNet-18 with the usual change for small images: the first layer is 3x3 and nothing is pooled. */
export function resnet18(options: ModelOptions): ResNet {
  return new ResNet({ ...options, blocks: [2, 2, 2, 2], width: 64 });
}
