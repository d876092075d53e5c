// How far a loop runs ahead of its GPU, and what reading back holds on to.

import { AHEAD } from "#platform";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { smallCnn } from "../../bench/steps/networks.ts";
import { dataset } from "../../src/data/mod.ts";
import { SGD } from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { fit } from "../../src/train/mod.ts";
import { nullDevice } from "../support/null_gpu.ts";

const test = suite("flow of work to a GPU");

const made = (device: ReturnType<typeof nullDevice>, name: string): number => {
  return device.ledger.counters.get(name) ?? 0;
};

test("a loop that never reads waits when so many steps are not done", async () => {
  const waiting: (() => void)[] = [];
  const device = nullDevice(() => {
    return new Promise<undefined>((resolve) => waiting.push(() => resolve(undefined)));
  });
  const all = AHEAD + 8;
  let steps = 0;
  const loop = (async () => {
    for (; steps < all; steps++) await device.pace();
  })();
  const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
  await settle();
  assert.is(steps, AHEAD);
  for (let done = 1; done <= all; done++) {
    waiting.shift()?.();
    await settle();
    assert.is(steps, Math.min(all, AHEAD + done));
  }
  await loop;
});

test("fit() never has more steps on the way", async () => {
  let unfinished = 0, most = 0;
  const device = nullDevice(() => {
    unfinished++;
    most = Math.max(most, unfinished);
    return new Promise<undefined>((resolve) => {
      setTimeout(() => {
        unfinished--;
        resolve(undefined);
      }, 3);
    });
  });
  const { model } = smallCnn(device), count = 40;
  const data = dataset({
    name: "black",
    imageShape: [28, 28, 1],
    classes: Array.from({ length: 10 }, (_, i) => String(i)),
    pixels: new Uint8Array(count * 784),
    labels: new Uint8Array(count),
  });
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  await fit(model, data, { optimizer, epochs: 2, batchSize: 2, random: new RandomStream(1) });
  assert.is(most, AHEAD + 1);
});

test("a thousand reads make one staging buffer, reads of three at a time make three", async () => {
  const device = nullDevice(), buffer = device.upload(new Float32Array(100), "f32");
  for (let i = 0; i < 1000; i++) await device.read([buffer]);
  assert.is(made(device, "stagingBuffersMade"), 1);
  for (let i = 0; i < 300; i++) {
    await Promise.all([device.read([buffer]), device.read([buffer]), device.read([buffer])]);
  }
  assert.is(made(device, "stagingBuffersMade"), 3);
});

test("larger reads take larger staging buffers, of which three stay at most", async () => {
  const device = nullDevice();
  const buffers = [10, 5000, 20_000, 90_000].map((size) => {
    return device.upload(new Float32Array(size), "f32");
  });
  for (let round = 0; round < 20; round++) {
    for (const buffer of buffers) await device.read([buffer]);
  }
  // Each grows once; then the largest serve all.
  assert.ok(made(device, "stagingBuffersMade") <= 4, `${made(device, "stagingBuffersMade")}`);
});

test.run();
