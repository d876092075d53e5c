// The small network of the golden values from PyTorch (test/fixtures/small_cnn_step.json and attacks.json).

import type { Device } from "../../src/backend/mod.ts";
import {
  BatchNorm2d,
  Conv2d,
  Flatten,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
} from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { type Tensor, tensor } from "../../src/tensor/mod.ts";

/** A tensor in a fixture. */
export interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** Names in the fixtures by those of the network. */
export const GOLDEN_NAMES: Readonly<Record<string, string>> = {
  "conv1.weight": "conv1Weight",
  "conv1.bias": "conv1Bias",
  "conv2.weight": "conv2Weight",
  "bn.weight": "bnScale",
  "bn.bias": "bnShift",
  "linear.weight": "linearWeight",
  "linear.bias": "linearBias",
  "bn.runningMean": "runningMean",
  "bn.runningVariance": "runningVar",
};

/** A stored tensor on a device. */
export function load({ shape, data }: Stored, device: Device): Tensor {
  return tensor(data, { shape, device });
}

/** conv, relu, max pool, conv, batch norm, relu, linear: 8x8x1 images, 5 classes. */
export class GoldenNet extends Module {
  readonly conv1: Conv2d;
  readonly conv2: Conv2d;
  readonly bn: BatchNorm2d;
  readonly linear: Linear;
  readonly #all: Sequential;

  constructor(state: Readonly<Record<string, Stored>>, device: Device) {
    super();
    const options = { random: new RandomStream(1), device };
    this.conv1 = new Conv2d(1, 4, 3, { ...options, padding: 1 });
    this.conv2 = new Conv2d(4, 6, 3, { ...options, stride: 2, padding: 1, bias: false });
    this.bn = new BatchNorm2d(6, { device });
    this.linear = new Linear(24, 5, options);
    this.#all = new Sequential(
      this.conv1,
      new ReLU(),
      new MaxPool2d(2),
      this.conv2,
      this.bn,
      new ReLU(),
      new Flatten(),
      this.linear,
    );
    const entries = Object.entries(GOLDEN_NAMES);
    this.loadStateDict(
      Object.fromEntries(entries.map(([name, stored]) => [name, load(state[stored]!, device)])),
    );
  }

  override forward(x: Tensor): Tensor {
    return this.#all.forward(x);
  }
}
