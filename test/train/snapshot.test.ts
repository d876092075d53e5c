// snapshot() takes all that a step changes, and puts it back.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Device } from "../../src/backend/mod.ts";
import { Adam, BatchNorm2d, Conv2d, Dropout, Flatten, Sequential } from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import { rand, tensor } from "../../src/tensor/mod.ts";
import { fit, snapshot, trainStep } from "../../src/train/mod.ts";
import { forEachDevice } from "../support/devices.ts";
import { isA, rejects } from "../support/errors.ts";

/** A training, step by step. */
function training(device: Device) {
  const random = new RandomStream(1), where = { random, device };
  const model = new Sequential(
    new Conv2d(1, 2, 3, where),
    new BatchNorm2d(2, { device }),
    new Dropout(0.3, { random: random.fork("dropout") }),
    new Flatten(),
  );
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const images = rand([5, 4, 4, 1], where), ids = tensor(Uint32Array.of(0, 1, 2, 3, 4), { device });
  const labels = tensor([0, 1, 2, 3, 4], { dtype: "i32", device });
  const step = (): void => {
    tidy(() => void trainStep(model, optimizer, { images, labels, ids, size: 5 }));
  };
  const numbers = async () => {
    const views = Object.values(model.stateDict());
    const all = await Promise.all(views.map((view) => view.data()));
    for (const view of views) view.dispose();
    return all;
  };
  function dispose(): void {
    optimizer.zeroGrad();
    for (const it of [images, labels, ids, model, optimizer]) it.dispose();
  }
  return { model, optimizer, step, numbers, dispose };
}

forEachDevice((device, label) => {
  const test = suite(`snapshot() on ${label}`);

  test("restore() goes back to the time of the call, again and again", async () => {
    const { buffers } = device.ledger;
    const { model, optimizer, step, numbers, dispose } = training(device);
    for (let i = 0; i < 3; i++) step();
    const before = await numbers();
    const saving = snapshot(model, optimizer);
    // Not part of it, although its numbers are not here yet.
    step();
    const saved = await saving;
    for (let i = 0; i < 3; i++) step();
    const after = await numbers();
    for (let round = 0; round < 2; round++) {
      optimizer.lr = 0.5;
      saved.restore();
      assert.equal(await numbers(), before);
      for (let i = 0; i < 4; i++) step();
      assert.equal(await numbers(), after);
    }
    // Weights, biases, factors, shifts: 24 floats, three times; and running statistics: 4.
    assert.is(saved.bytes, (24 * 3 + 4) * 4);
    dispose();
    assert.ok(device.ledger.buffers <= buffers + 4, "only constants may stay");
  });

  test("restore() brings back an optimiser that has made no step, or leaves it alone", async () => {
    const { model, optimizer, step, numbers, dispose } = training(device);
    const both = await snapshot(model, optimizer), first = await numbers();
    step();
    const second = await numbers(), alone = await snapshot(model);
    both.restore();
    assert.equal(await numbers(), first);
    step();
    assert.equal(await numbers(), second);
    const { steps } = optimizer.stateDict();
    alone.restore();
    assert.equal(await numbers(), second);
    assert.equal(optimizer.stateDict().steps, steps);
    dispose();
  });

  test("fit() refuses to take snapshots every 0 or 1.5 steps", async () => {
    const { model, optimizer, dispose } = training(device);
    const data = {
      name: "none",
      imageShape: [4, 4, 1],
      classes: [],
      pixels: new Uint8Array(0),
      labels: new Uint8Array(0),
      ids: new Uint32Array(0),
    } as const;
    const options = { optimizer, epochs: 1, random: new RandomStream(1) };
    for (const snapshotEvery of [0, 1.5]) {
      await rejects(fit(model, data, { ...options, snapshotEvery }), isA(RangeError, /snapshot/));
    }
    assert.is((await fit(model, data, { ...options, snapshotEvery: 1 })).length, 1);
    dispose();
  });

  test.run();
});
