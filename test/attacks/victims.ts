// Models to attack: one whose distances are known in closed form, and a small one with batch norm and dropout.

import type { Device } from "../../src/backend/mod.ts";
import {
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
} from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { rand, type Tensor, tensor } from "../../src/tensor/mod.ts";

/** Logits x W + b over flattened images: distances to its boundaries are known. */
export class LinearModel extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor;

  constructor(weight: readonly (readonly number[])[], bias: readonly number[], device: Device) {
    super();
    this.weight = tensor(weight, { device, requiresGrad: true });
    this.bias = tensor(bias, { device, requiresGrad: true });
  }

  override forward(x: Tensor): Tensor {
    return x.flatten(1).matmul(this.weight).add(this.bias);
  }
}

/** Images [count, 8, 8, 1] with pixels in [0, 1]. */
export function someImages(count: number, device: Device): Tensor {
  return rand([count, 8, 8, 1], { random: new RandomStream(5), device });
}

/** A small convolutional network with every layer that has a mode, in training mode. */
export function convolutional(device: Device): Sequential {
  const random = new RandomStream(11);
  return new Sequential(
    new Conv2d(1, 4, 3, { padding: 1, random, device }),
    new BatchNorm2d(4, { device }),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Dropout(0.5, { random: new RandomStream(12) }),
    new Linear(64, 5, { random, device }),
  );
}

/** All bytes of the state of a model, and the mode of every part. */
export async function snapshot(model: Module): Promise<string> {
  const state = model.stateDict();
  const words: string[] = [];
  for (const [name, value] of Object.entries(state)) {
    const { buffer } = await value.data();
    words.push(`${name} ${new Uint32Array(buffer).join(" ")}`);
    value.dispose();
  }
  for (const [name, { training }] of model.modules()) words.push(`${name} ${training}`);
  for (const [name, { grad, requiresGrad }] of model.parameters()) {
    words.push(`${name} ${grad === null ? "no gradient" : await grad.data()} ${requiresGrad}`);
  }
  return words.join("\n");
}
