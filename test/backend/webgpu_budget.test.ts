// What a replayed training step costs on WebGPU, counted.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  BatchNorm2d,
  Conv2d,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  SGD,
} from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import { capture, rand, type Tensor, tensor } from "../../src/tensor/mod.ts";
import { webgpu } from "../support/devices.ts";

const test = suite("the budget of a step on webgpu");
const onWebGpu = webgpu === undefined ? test.skip : test;

onWebGpu("a replay is one pass of one submit and makes nothing", async () => {
  const device = webgpu!, random = new RandomStream(1);
  const layers = Array.from({ length: 12 }, () => [
    new Conv2d(4, 4, 3, { random, device, padding: 1 }),
    new BatchNorm2d(4, { device }),
    new ReLU(),
  ]);
  const model = new Sequential(
    new Conv2d(1, 4, 3, { random, device, padding: 1 }),
    ...layers.flat(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(4 * 4 * 4, 3, { random, device }),
  );
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const step = capture((images: Tensor, labels: Tensor) => {
    optimizer.zeroGrad();
    const loss = model.forward(images).crossEntropy(labels);
    loss.backward();
    optimizer.step();
    return loss.detach();
  });
  const images = [1, 2].map((seed) =>
    rand([5, 8, 8, 1], { random: new RandomStream(seed), device })
  );
  const labels = tensor(Int32Array.of(0, 1, 2, 1, 0), { device });
  const names = ["dispatches", "passes", "submits", "bindGroups", "buffersMade", "pipelines"];
  const counts = () => names.map((name) => device.ledger.counters.get(name) ?? 0);
  let before = counts();
  const steps: number[][] = [];
  for (let i = 0; i < 12; i++) {
    tidy(() => void step(images[i % 2]!, labels));
    await device.pace();
    const now = counts();
    steps.push(now.map((count, at) => count - before[at]!));
    before = now;
  }
  const [dispatches, ...others] = steps.at(-1)!;
  assert.equal(others, [1, 1, 0, 0, 0], JSON.stringify(steps));
  // More than the recorder otherwise puts into one batch.
  assert.ok(dispatches! > 96, `${dispatches} dispatches`);
  step.dispose();
});

test.run();
