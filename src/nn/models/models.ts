/**
 * The models by name, with what each costs.
 *
 * @module
 */
import { isFloat } from "../../dtype.ts";
import { conv2d, matmul } from "../../kernels/mod.ts";
import { tidy } from "../../scope.ts";
import type { Shape } from "../../shape.ts";
import { zeros } from "../../tensor/mod.ts";
import { withMode } from "../modes.ts";
import type { Module } from "../module.ts";
import { DenseNet } from "./densenet.ts";
import { SmallInception } from "./inception.ts";
import type { ModelOptions } from "./parts.ts";
import { resnet18, resnet20, resnet8 } from "./resnet.ts";
import { smallCnn } from "./small_cnn.ts";
import { Vgg } from "./vgg.ts";

/** What a model costs for one image. */
export interface ModelCost {
  /** Numbers that are learned. */
  readonly parameters: number;
  /** Two per multiplication and addition in convolutions and linear layers, biases left out. */
  readonly flops: number;
  /** Elements of the results of convolutions and linear layers. */
  readonly activations: number;
}

/** A model that can be made by name. */
export interface ModelEntry {
  /** For people. */
  readonly title: string;
  /** The image that `cost` is counted for, [H, W, channels]. */
  readonly input: readonly [number, number, number];
  /** With 10 classes. */
  readonly cost: ModelCost;
  /** Makes one with fresh weights. `channels` is that of `input` by default. */
  create(options: ModelOptions): Module;
}

/** All models by name. The costs are recomputed by a test. */
export const models = {
  smallCnn: {
    title: "Small CNN (Wong et al., 2020), without normalization",
    input: [28, 28, 1],
    cost: { parameters: 166_406, flops: 1_218_768, activations: 4_814 },
    create: ({ random, classes, channels, device }) =>
      smallCnn({
        random,
        ...(classes !== undefined && { classes }),
        ...(channels !== undefined && { channels }),
        ...(device && { device }),
      }),
  },
  vgg: {
    title: "VGG-style, 64, 128 and 256 channels",
    input: [32, 32, 3],
    cost: { parameters: 1_148_874, flops: 305_533_952, activations: 229_386 },
    create: (options) => new Vgg(options),
  },
  resnet8: {
    title: "ResNet-8 (He et al., 2016)",
    input: [32, 32, 3],
    cost: { parameters: 78_042, flops: 25_003_264, activations: 86_026 },
    create: resnet8,
  },
  resnet20: {
    title: "ResNet-20 (He et al., 2016)",
    input: [32, 32, 3],
    cost: { parameters: 272_474, flops: 81_626_368, activations: 200_714 },
    create: resnet20,
  },
  resnet18: {
    title: "ResNet-18 for small images",
    input: [32, 32, 3],
    cost: { parameters: 11_173_962, flops: 1_110_845_440, activations: 614_410 },
    create: resnet18,
  },
  inception: {
    title: "Small Inception (Zhang et al., 2017)",
    input: [32, 32, 3],
    cost: { parameters: 1_651_114, flops: 533_469_760, activations: 475_146 },
    create: (options) => new SmallInception(options),
  },
  densenet: {
    title: "DenseNet-BC, depth 40, growth 12 (Huang et al., 2017)",
    input: [32, 32, 3],
    cost: { parameters: 176_122, flops: 144_730_704, activations: 572_938 },
    create: (options) => new DenseNet(options),
  },
} satisfies Readonly<Record<string, ModelEntry>> as Readonly<Record<ModelName, ModelEntry>>;

/** Names of the models. */
export type ModelName =
  | "smallCnn"
  | "vgg"
  | "resnet8"
  | "resnet20"
  | "resnet18"
  | "inception"
  | "densenet";

/**
 * What a model costs for one image [H, W, channels], counted by running it on zeros, in evaluation:
 * the observer of the device hears of every kernel.
 */
export function modelCost(model: Module, input: Shape): ModelCost {
  const { device } = [...model.parameters().values()].find(({ dtype }) => isFloat(dtype))!;
  let flops = 0, activations = 0;
  const before = device.observer;
  device.observer = {
    ran(kernel, inputs, outputs, params): void {
      if (kernel.name !== conv2d.name && kernel.name !== matmul.name) return;
      flops += kernel.flops!(inputs, outputs, params);
      activations += outputs[0]!.shape.reduce((product, size) => product * size, 1);
    },
    uploaded(): void {},
    refilled(): void {},
    refuse(act): never {
      throw new Error(`Cannot ${act} while the cost of a model is counted: run it outside`);
    },
  };
  try {
    withMode(model, false, () => {
      tidy(() => void model.forward(zeros([1, ...input], { device })));
    });
  } finally {
    device.observer = before;
  }
  return { parameters: model.parameterCount(), flops, activations };
}
