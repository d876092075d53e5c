// Two runs of the same training end with the same bits: 50 steps with batch norm, momentum, random
// augmentation and a random attack, eager and captured.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { pgd } from "../../src/attacks/mod.ts";
import type { Device } from "../../src/backend/mod.ts";
import { dataset } from "../../src/data/mod.ts";
import { resnet8, SGD } from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { fit } from "../../src/train/mod.ts";
import { forEachDevice } from "../support/devices.ts";

/** 40 images of noise in 4 classes, told apart by their brightness. */
function noise() {
  const random = new RandomStream(9), count = 40, size = 8 * 8 * 3;
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 4);
  const pixels = Uint8Array.from(random.uniform(count * size), (value, i) => {
    return 60 * (Math.floor(i / size) % 4) + 60 * value;
  });
  return dataset({
    name: "noise",
    imageShape: [8, 8, 3],
    classes: ["a", "b", "c", "d"],
    pixels,
    labels,
  });
}

/** All parameters after 50 steps, as words. */
async function learned(device: Device, capture: boolean): Promise<Uint32Array> {
  const random = new RandomStream(5);
  const model = resnet8({ random, classes: 4, device });
  const optimizer = new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
  const attack = pgd.with({ eps: 0.03, steps: 1, stepSize: 0.03, randomStart: true });
  await fit(model, noise(), {
    optimizer,
    epochs: 10,
    batchSize: 8,
    random,
    capture,
    adversarial: { attack },
  });
  const parts = await device.read([...model.parameters().values()].map(({ buffer }) => buffer));
  for (const it of [optimizer, model]) it.dispose();
  const words = parts.flatMap((part) => {
    return [...new Uint32Array(part.buffer, part.byteOffset, part.length)];
  });
  return Uint32Array.from(words);
}

forEachDevice((device, label) => {
  if (label === "reference") return;
  const test = suite(`50 steps, ${label}`);

  test("two runs give equal bits", async () => {
    const first = await learned(device, true);
    assert.ok(first.some((word) => word !== 0));
    assert.equal(await learned(device, true), first);
  });

  test.run();
});
