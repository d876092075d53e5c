// What threads compute together: whole training steps and attacks are the same, bit for bit, for any number of them.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fgm, fgsm, pgd } from "../../src/attacks/mod.ts";
import { type Device, openDevice } from "../../src/backend/mod.ts";
import { DisposedError } from "../../src/errors.ts";
import {
  Adam,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  Linear,
  MaxPool2d,
  type Module,
  ReLU,
  Sequential,
  SGD,
} from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import { rand, type Tensor, tensor } from "../../src/tensor/mod.ts";
import { cpu, cpuAlone } from "../support/devices.ts";
import { isA } from "../support/errors.ts";

const test = suite("threads of the cpu device");

const BATCH = 20;
const LABELS = Uint32Array.from({ length: BATCH }, (_, i) => 7 * i % 10);

/** Large enough that most calls are shared: two convolutions, 28x28 images. */
function network(device: Device): Module {
  const options = { random: new RandomStream(3), device };
  return new Sequential(
    new Conv2d(1, 12, 3, { ...options, padding: 1 }),
    new BatchNorm2d(12, { device }),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(12, 20, 5, { ...options, stride: 2, padding: 2 }),
    new ReLU(),
    new Flatten(),
    new Dropout(0.25, { random: new RandomStream(4) }),
    new Linear(20 * 7 * 7, 64, options),
    new ReLU(),
    new Linear(64, 10, options),
  );
}

function images(device: Device): Tensor {
  return rand([BATCH, 28, 28, 1], { random: new RandomStream(5), device });
}

/** Losses, gradients and parameters of some steps, as bits. */
async function train(device: Device, optimizerOf: typeof SGD | typeof Adam): Promise<string> {
  const model = network(device), x = images(device), labels = tensor(LABELS, { device });
  const optimizer = new optimizerOf(model.parameters(), { lr: 0.01 });
  const bits: string[] = [];
  for (let i = 0; i < 3; i++) {
    const loss = tidy(() => {
      optimizer.zeroGrad();
      const loss = model.forward(x).crossEntropy(labels);
      loss.backward();
      optimizer.step();
      return loss.detach();
    });
    bits.push(await digest("loss", loss));
    for (const [name, { grad }] of model.parameters()) bits.push(await digest(name, grad!));
  }
  for (const [name, value] of Object.entries(model.stateDict())) {
    bits.push(await digest(name, value));
  }
  for (const made of [model, x, labels, optimizer]) made.dispose();
  return bits.join("\n");
}

/** A line that differs when one bit does. */
async function digest(name: string, values: Tensor): Promise<string> {
  const { buffer, byteOffset, length } = await values.data();
  const words = new Uint32Array(buffer, byteOffset, length);
  let hash = 0;
  for (const word of words) hash = (Math.imul(hash, 31) ^ word ^ (hash >>> 15)) | 0;
  assert.ok(words.some((word) => word !== 0), `${name} is nothing but zeros`);
  return `${name} ${length} ${hash}`;
}

async function attacked(device: Device): Promise<string> {
  const model = network(device), x = images(device);
  const labels = [...LABELS];
  const bits: string[] = [];
  for (
    const result of [
      await fgsm(model, x, labels, { eps: 0.1 }),
      await fgm(model, x, labels, { eps: 2 }),
      await pgd(model, x, labels, { eps: 0.1, steps: 4, seed: 2 }),
      await pgd(model, x, labels, { eps: 1, norm: "l2", steps: 3, restarts: 2, keep: "best" }),
    ]
  ) {
    bits.push(await digest("adversarial", result.images), result.after.loss.join(" "));
    result.images.dispose();
  }
  model.dispose();
  x.dispose();
  return bits.join("\n");
}

for (const threads of [2, 3, 7]) {
  test(`training and attacks are the same on one thread and on ${threads}`, async () => {
    const device = threads === 2 ? cpu : await openDevice("cpu", { threads });
    for (const optimizer of [SGD, Adam]) {
      assert.is(await train(device, optimizer), await train(cpuAlone, optimizer));
    }
    assert.is(await attacked(device), await attacked(cpuAlone));
    if (device !== cpu) device.close();
  });
}

test("a closed device refuses to work, and does not hang", async () => {
  for (const threads of [1, 3]) {
    const device = await openDevice("cpu", { threads });
    const x = tensor([1, 2, 3], { device });
    device.close();
    assert.throws(() => x.add(x), isA(DisposedError, /the cpu device was closed, open it again/));
    device.close();
  }
});

test("devices are opened and closed without end", async () => {
  for (let i = 0; i < 50; i++) {
    const device = await openDevice("cpu", { threads: 2 });
    const x = tensor(new Float32Array(1 << 20).fill(i), { device });
    assert.is((await x.add(1).data()).at(-1), i + 1);
    device.close();
  }
});

test.run();
