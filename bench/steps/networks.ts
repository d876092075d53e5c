// The networks of the steps, with numbers that another engine can be given: see bench/README.md.

import type { Device } from "../../src/backend/mod.ts";
import {
  BatchNorm2d,
  Conv2d,
  Flatten,
  GlobalAvgPool2d,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
} from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import type { Tensor } from "../../src/tensor/mod.ts";
import { type Data, IMAGES, integers, place, uniform, WEIGHTS } from "../harness/mod.ts";

/** A network and a batch for it. */
export interface Task {
  readonly model: Module;
  readonly images: Tensor;
  readonly labels: Tensor;
}

/** What layers start from, before their parameters are overwritten. */
const random = new RandomStream(1);

/** Weights within ± sqrt(3 / fan in), biases within ± 0.1, factors of batch norm about 1. */
function startOf(name: string, { shape }: Tensor, seed: number): Data {
  if (shape.length > 1) {
    const high = Math.sqrt(3 / shape.slice(0, -1).reduce((a, b) => a * b, 1));
    const order = shape.length === 4 ? WEIGHTS : [0, 1];
    return uniform(shape, seed, { low: -high, high, order });
  }
  const middle = name.endsWith("bias") ? 0 : 1;
  return uniform(shape, seed, { low: middle - 0.1, high: middle + 0.1 });
}

/** Gives every parameter the numbers of a seed of its own, in the order of the names. */
function start(
  model: Module,
  firstSeed: number,
  special: Readonly<Record<string, Data>> = {},
): void {
  let seed = firstSeed;
  for (const [name, parameter] of model.parameters()) {
    const data = special[name] ?? startOf(name, parameter, seed);
    tidy(() => parameter.assign(place(data, parameter.device).reshape(parameter.shape)));
    seed++;
  }
}

/** The batch of the small network. */
export const SMALL_CNN_IMAGES: Data = uniform([64, 28, 28, 1], 10, {
  low: 0,
  high: 1,
  order: IMAGES,
});

/** Two convolutions 3x3 with pooling, a linear layer to 128 and one to 10; 64 images 28x28. */
export function smallCnn(device: Device): Task {
  const where = { random, device };
  const same = { ...where, padding: 1 };
  const model = new Sequential(
    new Conv2d(1, 16, 3, same),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(16, 32, 3, same),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(1568, 128, where),
    new ReLU(),
    new Linear(128, 10, where),
  );
  // Counted as if channels were flattened first.
  const high = Math.sqrt(3 / 1568), order = [2, 0, 1, 3];
  start(model, 20, { "7.weight": uniform([7, 7, 32, 128], 24, { low: -high, high, order }) });
  const labels = integers([64], 10, { seed: 11 });
  return { model, images: place(SMALL_CNN_IMAGES, device), labels: place(labels, device) };
}

/** Operations of a forward pass of the small network. */
export const SMALL_CNN_FLOPS: number = 2 * 64 *
  (28 * 28 * 9 * 16 + 14 * 14 * 144 * 32 + 1568 * 128 + 128 * 10);

/** Those of its first convolution, which has no gradient for the images when it learns. */
export const SMALL_CNN_FIRST_FLOPS: number = 2 * 64 * 28 * 28 * 9 * 16;

class Block extends Module {
  readonly first: Conv2d;
  readonly firstNorm: BatchNorm2d;
  readonly second: Conv2d;
  readonly secondNorm: BatchNorm2d;
  readonly shortcut: Sequential | null;

  constructor(
    from: number,
    to: number,
    options: { readonly stride: number; readonly device: Device },
  ) {
    super();
    const { stride, device } = options;
    const where = { random, device, bias: false };
    this.first = new Conv2d(from, to, 3, { ...where, stride, padding: 1 });
    this.firstNorm = new BatchNorm2d(to, { device });
    this.second = new Conv2d(to, to, 3, { ...where, padding: 1 });
    this.secondNorm = new BatchNorm2d(to, { device });
    this.shortcut = stride === 1 && from === to ? null : new Sequential(
      new Conv2d(from, to, 1, { ...where, stride }),
      new BatchNorm2d(to, { device }),
    );
  }

  override forward(x: Tensor): Tensor {
    const inner = this.firstNorm.forward(this.first.forward(x)).relu();
    const y = this.secondNorm.forward(this.second.forward(inner));
    return y.add(this.shortcut?.forward(x) ?? x).relu();
  }
}

/** Three residual blocks to 16, 32 and 64 channels; 32 images 32x32 of 3 channels. */
export function resNet8(device: Device): Task {
  const model = new Sequential(
    new Conv2d(3, 16, 3, { random, device, padding: 1, bias: false }),
    new BatchNorm2d(16, { device }),
    new ReLU(),
    new Block(16, 16, { stride: 1, device }),
    new Block(16, 32, { stride: 2, device }),
    new Block(32, 64, { stride: 2, device }),
    new GlobalAvgPool2d(),
    new Linear(64, 10, { random, device }),
  );
  start(model, 50);
  const images = uniform([32, 32, 32, 3], 40, { order: IMAGES });
  const labels = integers([32], 10, { seed: 41 });
  return { model, images: place(images, device), labels: place(labels, device) };
}

/** Operations of the first convolution of the residual network. */
export const RESNET8_FIRST_FLOPS: number = 2 * 32 * 32 * 32 * 27 * 16;

/** Operations of a forward pass of the residual network. */
export const RESNET8_FLOPS: number = RESNET8_FIRST_FLOPS + 2 * 32 * (
      32 * 32 * (144 * 16 + 144 * 16) +
      16 * 16 * (144 * 32 + 288 * 32 + 16 * 32) +
      8 * 8 * (288 * 64 + 576 * 64 + 32 * 64) +
      64 * 10
    );
