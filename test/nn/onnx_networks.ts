// Networks for the tests of ONNX that use what no model of the library does.

import type { Device } from "../../src/backend/mod.ts";
import {
  AvgPool2d,
  BatchNorm2d,
  Conv2d,
  Flatten,
  GlobalAvgPool2d,
  LeakyReLU,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
} from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { cat, type Tensor, tensor } from "../../src/tensor/mod.ts";

/** A network that is one function of images, in evaluation. */
export class Fn extends Module {
  readonly weight: Tensor;
  readonly #fn: (x: Tensor, weight: Tensor) => Tensor;

  constructor(device: Device, fn: (x: Tensor, weight: Tensor) => Tensor) {
    super();
    this.weight = tensor([1, 2], { device, requiresGrad: true });
    this.#fn = fn;
  }

  override forward(x: Tensor): Tensor {
    return this.#fn(x, this.weight);
  }
}

/** Convolution, batch norm, flattening: weights whose rows must be permuted. */
export function tinyNet(device: Device): Sequential {
  const options = { random: new RandomStream(1), device };
  return new Sequential(
    new Conv2d(2, 3, 3, { ...options, padding: 1 }),
    new BatchNorm2d(3, { device, epsilon: 0.25 }),
    new ReLU(),
    new Flatten(),
    new Linear(4 * 5 * 3, 4, options),
  );
}

/** Squeeze and excitation: an image of one place that scales each channel. */
class Excitation extends Module {
  readonly down: Linear;
  readonly up: Linear;

  constructor(channels: number, options: { random: RandomStream; device: Device }) {
    super();
    this.down = new Linear(channels, 2, { ...options, bias: false });
    this.up = new Linear(2, channels, options);
  }

  override forward(x: Tensor): Tensor {
    const [N, , , C] = x.shape as [number, number, number, number];
    const scale = this.up.forward(this.down.forward(x.mean([1, 2])).silu()).sigmoid();
    return x.mul(scale.reshape([N, 1, 1, C]));
  }
}

/** Almost every operation: odd windows, groups, constants on both sides, two flattened images. */
export class EveryOperation extends Module {
  readonly stem: Conv2d;
  readonly grouped: Conv2d;
  readonly excite: Excitation;
  readonly pools: Sequential;
  readonly mask: Tensor;
  readonly flatScale: Tensor;
  readonly flatNorm: BatchNorm2d;
  readonly head: Linear;
  readonly shared: Tensor;
  readonly last: Linear;

  constructor(device: Device) {
    super();
    const random = new RandomStream(2), options = { random, device };
    this.stem = new Conv2d(3, 8, [3, 2], {
      ...options,
      stride: [2, 1],
      padding: [1, 0],
      bias: false,
    });
    this.grouped = new Conv2d(8, 12, [1, 3], { ...options, groups: 4, dilation: [1, 2] });
    this.excite = new Excitation(12, options);
    this.pools = new Sequential(
      new MaxPool2d([3, 2], { stride: [2, 1], padding: [1, 0] }),
      new LeakyReLU(0.2),
      new AvgPool2d([2, 3], { stride: 1, padding: [0, 1], countIncludePad: false }),
      new AvgPool2d(3, { stride: [1, 2], padding: 1 }),
    );
    const numbers = (count: number): number[] => Array.from(random.uniform(count));
    this.mask = tensor(numbers(2 * 3), { shape: [2, 3, 1], device });
    const flat = 2 * 3 * 12;
    this.flatScale = tensor(numbers(flat), { device });
    this.flatNorm = new BatchNorm2d(flat, { device });
    this.head = new Linear(flat, 6, options);
    this.shared = tensor(numbers(flat * 6), { shape: [6, flat], device });
    this.last = new Linear(12 + 6 + 6 + 12, 5, options);
  }

  override forward(x: Tensor): Tensor {
    const y = this.grouped.forward(this.stem.forward(x).elu()).abs();
    const z = this.pools.forward(this.excite.forward(y).mul(this.mask.mean()).sub(0.5));
    const marked = this.mask.sub(z).clamp(-1, 0.5).maximum(z.neg()).mul(z);
    const flat = marked.flatten();
    const scaled = this.flatNorm.forward(flat.mul(this.flatScale)).tanh();
    const rows = this.head.forward(scaled).div(3);
    const same = scaled.matmul(this.shared, { transposeB: true }).softmax();
    // Back to images, and to what is left of them.
    const again = scaled.reshape(marked.shape);
    const most = again.reshape([x.shape[0]!, 6, 1, 12]).max([1, 2]).mul(
      again.sum([1, 2, 3]).reshape([x.shape[0]!, 1]),
    );
    const mean = new GlobalAvgPool2d().forward(cat([again, marked.square()], 3).softmax(3));
    const parts = cat([most, rows.logSoftmax(-1), same, mean.matmul(folding(x.device))], 1);
    return this.last.forward(parts.softplus()).exp();
  }
}

/** [24, 12]: adds both halves. A constant that forward makes itself. */
function folding(device: Device): Tensor {
  const data = Array.from({ length: 24 * 12 }, (_, i) => Math.floor(i / 12) % 12 === i % 12);
  return tensor(data.map(Number), { shape: [24, 12], device });
}
