import { suite } from "uvu";
import * as assert from "uvu/assert";
import { batches, dataset, split, subset } from "../../src/data/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { forEachDevice } from "../support/devices.ts";

const COUNT = 10;
const data = dataset({
  name: "ten",
  imageShape: [2, 2, 1],
  classes: ["even", "odd"],
  pixels: Uint8Array.from({ length: COUNT * 4 }, (_, i) => i * 5),
  labels: Uint8Array.from({ length: COUNT }, (_, i) => i % 2),
});

forEachDevice((device, label) => {
  const test = suite(`datasets on ${label}`);

  test("batches() gives every example once, pixels from 0 to 1", async () => {
    const seen: number[] = [];
    const before = device.ledger.buffers;
    for (const batch of batches(data, { batchSize: 4, random: new RandomStream(1), device })) {
      const [images, labels, ids] = [batch.images, batch.labels, batch.ids];
      assert.equal(images.shape, [batch.size, 2, 2, 1]);
      const pixels = await images.data();
      for (const [i, id] of (await ids.data()).entries()) {
        seen.push(id);
        assert.is(pixels[i * 4 + 3], Math.fround((id * 4 + 3) * 5 / 255));
        assert.is((await labels.data())[i], id % 2);
      }
    }
    assert.equal(seen.slice().sort((a, b) => a - b), Array.from({ length: COUNT }, (_, i) => i));
    assert.not.equal(seen, seen.slice().sort((a, b) => a - b), "shuffled");
    assert.is(device.ledger.buffers, before);
  });

  test("batches() goes on in the middle of a pass", async () => {
    const idsFrom = async (skip: number) => {
      const all = [];
      for (
        const batch of batches(data, { batchSize: 4, random: new RandomStream(1), skip, device })
      ) {
        all.push([...await batch.ids.data()]);
      }
      return all;
    };
    const whole = await idsFrom(0);
    for (const skip of [1, 2, 3, 4]) assert.equal(await idsFrom(skip), whole.slice(skip));
  });

  test("split() cuts without overlap, the same for the same seed", () => {
    const parts = split(data, [6, 3], new RandomStream(2));
    const again = split(data, [6, 3], new RandomStream(2));
    assert.equal(parts, again);
    const ids = parts.flatMap((part) => [...part.ids]);
    assert.is(new Set(ids).size, 9);
    assert.equal(parts.map((part) => part.labels.length), [6, 3]);
  });

  test("bad sizes, places and labels get clear errors", () => {
    assert.throws(() => split(data, [6, 5], new RandomStream(1)), /10 examples.*6, 5.*11/);
    assert.throws(() => subset(data, [10]), /example 10.*0 to 9/);
    assert.throws(() => [...batches(data, { batchSize: 0 })], /batches of 0.*>= 1/);
    assert.throws(() => dataset({ ...data, pixels: new Uint8Array(3) }), /3 bytes/);
    assert.throws(() => dataset({ ...data, classes: ["one"] }), /label 1.*1 classes/);
  });
  test.run();
});
