// Checkpoints that say what they are, and models restored from them.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CheckpointError } from "../../src/errors.ts";
import {
  describedModel,
  descriptionOf,
  type ModelDescription,
  models,
  readSafetensors,
  restoreModel,
  saveModel,
} from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tensor } from "../../src/tensor/mod.ts";
import { reference as device } from "../support/devices.ts";

const test = suite("described models");

const PETS: ModelDescription = { model: "resnet8", image: [8, 8, 3], classes: ["cat", "dog"] };

const pets = () => {
  return models.resnet8.create({ random: new RandomStream(3), classes: 2, channels: 3, device });
};

test("restoreModel() makes the model that the checkpoint names, with its weights", async () => {
  const model = pets();
  const restored = restoreModel(await describedModel(model, PETS, { data: "pets" }), { device });
  assert.equal(
    { model: restored.model, image: restored.image, classes: restored.classes },
    PETS,
  );
  assert.is(restored.metadata["data"], "pets");
  assert.not(restored.network.training);
  const pixels = new RandomStream(1).uniform(2 * 8 * 8 * 3);
  const x = tensor(Float32Array.from(pixels), { shape: [2, 8, 8, 3], device });
  assert.equal(
    await restored.network.forward(x).data(),
    await model.eval().forward(x).data(),
  );
});

test("restoreModel() believes a description where the file has none", async () => {
  const bytes = await saveModel(pets());
  assert.throws(() => restoreModel(bytes, { device }), /it does not name its model/);
  assert.is(restoreModel(bytes, { device, description: PETS }).model, "resnet8");
  // The right names, the wrong sizes.
  assert.throws(
    () => restoreModel(bytes, { device, description: { ...PETS, classes: ["a", "b", "c"] } }),
    (error: unknown) => error instanceof CheckpointError && /fc\.weight/.test(error.message),
  );
});

test("descriptionOf() refuses what cannot be", async () => {
  const notes = readSafetensors(await describedModel(pets(), PETS)).metadata;
  assert.equal(descriptionOf(notes), PETS);
  for (
    const [change, message] of [
      [{ model: "alexnet" }, /its model is alexnet, one of smallCnn/],
      [{ model: "constructor" }, /its model is constructor/],
      [{ image: "[8,8]" }, /the size of its images/],
      [{ image: "[8,8,1e9]" }, /the size of its images/],
      [{ image: "eight" }, /the size of its images/],
      [{ classes: "[]" }, /its classes/],
      [{ classes: "[1,2]" }, /its classes/],
      [{ classes: JSON.stringify(new Array(5000).fill("")) }, /its classes/],
    ] as const
  ) {
    assert.throws(
      () => descriptionOf({ ...notes, ...change }),
      (error: unknown) => error instanceof CheckpointError && message.test(error.message),
      JSON.stringify(change).slice(0, 80),
    );
  }
});

test.run();
