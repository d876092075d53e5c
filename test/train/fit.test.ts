// fit() learns, evaluates, stops and puts things back.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fgsm, pgd } from "../../src/attacks/mod.ts";
import type { Device } from "../../src/backend/mod.ts";
import { type Dataset, dataset, subset } from "../../src/data/mod.ts";
import {
  Adam,
  Flatten,
  GlobalAvgPool2d,
  Linear,
  saveModel,
  Sequential,
  SGD,
} from "../../src/nn/mod.ts";
import { BackendError } from "../../src/errors.ts";
import { RandomStream } from "../../src/random.ts";
import { keep } from "../../src/scope.ts";
import { evaluate, fit, loadRun, type Progress, saveRun } from "../../src/train/mod.ts";
import type { Tensor } from "../../src/tensor/mod.ts";
import { assertClose, forEachDevice } from "../support/devices.ts";
import { isA, rejects } from "../support/errors.ts";

/** Bright upper or lower half, with noise: two classes that a linear model tells apart. */
function halves(count: number): Dataset {
  const draws = new RandomStream(9).uniform(count * 16);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 2);
  const pixels = Uint8Array.from(draws, (u, i) => {
    const label = labels[Math.floor(i / 16)];
    const isBright = (i % 16 < 8) === (label === 0);
    return u * 100 + (isBright ? 150 : 0);
  });
  return dataset({
    name: "halves",
    imageShape: [4, 4, 1],
    classes: ["up", "down"],
    pixels,
    labels,
  });
}

function linear(device: Device): Sequential {
  return new Sequential(new Flatten(), new Linear(16, 2, { random: new RandomStream(1), device }));
}

forEachDevice((device, label) => {
  const test = suite(`fit() on ${label}`);
  const data = halves(48);

  test("fit() learns two classes, reports progress and gives the mode back", async () => {
    const model = linear(device).eval();
    const optimizer = new Adam(model.parameters(), { lr: 0.02 });
    const seen: Progress[] = [];
    const history = await fit(model, data, {
      optimizer,
      epochs: 5,
      batchSize: 10,
      random: new RandomStream(3),
      readEvery: 2,
      onProgress: (progress) => seen.push(progress),
    });
    assert.is(history.length, 5);
    assert.ok(history[4]!.loss < history[0]!.loss / 1.5, JSON.stringify(history));
    assert.is(history[4]!.accuracy, 1);
    assert.is(seen.at(-1)!.done, 25);
    assert.is(seen.at(-1)!.total, 25);
    assert.is(model.training, false);
  });

  test("fit() changes the size of images between epochs, and gives back what it captured", async () => {
    const model = new Sequential(
      new GlobalAvgPool2d(),
      new Linear(1, 2, { random: new RandomStream(1), device }),
    );
    const shapes: string[] = [], bytes: number[] = [], forward = model.forward;
    model.forward = (x) => {
      shapes.push(x.shape.join("x"));
      return forward.call(model, x);
    };
    await fit(model, subset(data, Array.from({ length: 40 }, (_, i) => i)), {
      optimizer: new SGD(model.parameters(), { lr: 0.1 }),
      epochs: 3,
      batchSize: 10,
      random: new RandomStream(3),
      augment: (epoch) => ({ seed: 1, size: epoch === 2 ? [2, 2] : [4, 4] }),
      onPosition: () => void bytes.push(device.ledger.bytes),
    });
    assert.equal([...new Set(shapes)], ["10x4x4x1", "10x2x2x1"]);
    // Two steps are noted and the others replayed, for each size anew.
    assert.is(shapes.length, 6, shapes.join(" "));
    assert.ok(bytes[1]! <= bytes[0]!, `${bytes}`);
  });

  test("fit() goes on in the middle of an epoch of smaller images, with the same bits", async () => {
    const task = () => {
      const random = new RandomStream(1);
      const model = new Sequential(new GlobalAvgPool2d(), new Linear(1, 2, { random, device }));
      return { model, optimizer: new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }) };
    };
    const how = {
      epochs: 4,
      batchSize: 10,
      positionEvery: 2,
      augment: (epoch: number) => ({ seed: 1, crop: 1, size: [epoch, 3] as const }),
    };
    const whole = task(), saved: Uint8Array[] = [], random = () => new RandomStream(3);
    await fit(whole.model, data, {
      ...how,
      optimizer: whole.optimizer,
      random: random(),
      onPosition: async (position) => {
        saved.push(await saveRun(whole.model, whole.optimizer, position));
      },
    });
    const wanted = await saveModel(whole.model);
    assert.ok(saved.length >= 8, `${saved.length} positions`);
    for (const bytes of saved) {
      const { model, optimizer } = task(), from = loadRun(bytes, model, optimizer);
      await fit(model, data, { ...how, optimizer, random: random(), from });
      assert.equal(await saveModel(model), wanted, `from step ${from.step}`);
    }
  });

  test("fit() augments, anew in every epoch and the same for the same seed", async () => {
    const seenWith = async (seed: number) => {
      const model = linear(device), { forward } = model, images: Tensor[] = [];
      model.forward = (x) => {
        images.push(keep(x.detach()));
        return forward.call(model, x);
      };
      await fit(model, subset(data, [3]), {
        optimizer: new SGD(model.parameters(), { lr: 0 }),
        epochs: 4,
        capture: false,
        random: new RandomStream(3),
        augment: { seed, crop: 3, cutout: 2 },
      });
      const pixels = await Promise.all(images.map((x) => x.data()));
      for (const x of images) x.dispose();
      return pixels.map((values) => values.join());
    };
    const first = await seenWith(1);
    assert.equal(await seenWith(1), first);
    assert.is(first.length, 4);
    assert.ok(new Set(first).size > 1);
    assert.not.equal(await seenWith(2), first);
  });

  test("fit() and evaluate() give the same bits with and without capture", async () => {
    const outcome = async (capture: boolean) => {
      const model = linear(device);
      const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
      const attack = pgd.with({ eps: 0.1, steps: 5, keep: "best", restarts: 2 });
      const history = await fit(model, data, {
        optimizer,
        capture,
        epochs: 2,
        batchSize: 10,
        random: new RandomStream(3),
        schedule: (step) => 0.1 / (step + 1),
        adversarial: { attack, mix: "concat" },
      });
      const attacks = [attack, fgsm.with({ eps: 0.2, target: 1 })];
      const rows = await evaluate(model, data, { attacks, capture, batchSize: 10 });
      const weights = await Promise.all([...model.parameters().values()].map((it) => it.data()));
      model.dispose();
      optimizer.dispose();
      return { history, rows: rows.map(({ attack: _, ...row }) => row), weights };
    };
    const eager = await outcome(false);
    const buffers = device.ledger.buffers; // constants stay cached
    assert.equal(await outcome(true), eager);
    assert.is(device.ledger.buffers, buffers);
  });

  test("fit() refuses to capture a model that does not the same twice", async () => {
    let calls = 0;
    class Odd extends Linear {
      override forward(x: Tensor): Tensor {
        return super.forward(x.reshape([-1, 16]).mul(1 + 1 / ++calls));
      }
    }
    const model = new Odd(16, 2, { random: new RandomStream(1), device });
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const options = { optimizer, epochs: 3, batchSize: 12, random: new RandomStream(3) };
    await rejects(fit(model, data, options), isA(BackendError, /capture: false/));
    await fit(model, data, { ...options, capture: false });
  });

  test("fit() with the same seed gives the same bits", async () => {
    const weights = [];
    for (let run = 0; run < 2; run++) {
      const model = linear(device);
      const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
      const attack = fgsm.with({ eps: 0.05 });
      const random = new RandomStream(3);
      await fit(model, data, {
        optimizer,
        epochs: 2,
        batchSize: 7,
        random,
        adversarial: { attack },
      });
      weights.push(await model.parameters().get("1.weight")!.data());
    }
    assert.equal([...weights[0]!], [...weights[1]!]);
  });

  test("fit() stops when its signal is aborted and gives the mode back", async () => {
    const model = linear(device).eval();
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const controller = new AbortController();
    const { buffers } = device.ledger;
    try {
      await fit(model, data, {
        optimizer,
        epochs: 50,
        batchSize: 8,
        random: new RandomStream(3),
        readEvery: 4,
        signal: controller.signal,
        onProgress: () => controller.abort(new Error("enough")),
      });
      assert.unreachable("it must stop");
    } catch (error) {
      assert.is((error as Error).message, "enough");
    }
    assert.is(model.training, false);
    optimizer.zeroGrad();
    assert.ok(device.ledger.buffers <= buffers + 2, "batches must be given back");
  });

  test("fit() says when the loss is not finite", async () => {
    const model = linear(device);
    const optimizer = new SGD(model.parameters(), { lr: 1e30, weightDecay: 10 });
    try {
      await fit(model, data, { optimizer, epochs: 3, random: new RandomStream(3), batchSize: 8 });
      assert.unreachable("it must fail");
    } catch (error) {
      assert.match((error as Error).message, "lower the learning rate");
    }
  });

  test("evaluate() gives the same figures for any batch size, and fewer right under attack", async () => {
    const model = linear(device);
    const optimizer = new Adam(model.parameters(), { lr: 0.02 });
    await fit(model, data, { optimizer, epochs: 3, batchSize: 8, random: new RandomStream(3) });
    const attacks = [
      fgsm.with({ eps: 0.1 }),
      fgsm.with({ eps: 0.6 }),
      fgsm.with({ eps: 0.6, target: 1 }),
    ];
    const rows = await evaluate(model, data, { attacks, batchSize: 48 });
    const again = await evaluate(model, data, { attacks, batchSize: 7 });
    rows.forEach((row, i) => {
      assert.is(again[i]!.correct, row.correct, row.title);
      assertClose([again[i]!.loss], [row.loss], { rtol: 1e-5 });
    });
    const [clean, weak, strong, aimed] = rows;
    assert.is(clean!.title, "clean");
    assert.is(clean!.accuracy, 1);
    assert.ok(weak!.accuracy >= strong!.accuracy && strong!.accuracy < 0.2);
    assert.is(strong!.successRate, 1 - strong!.accuracy);
    assert.is(aimed!.count, 24, "examples of the target class do not count");
    assert.ok(strong!.distance.linf <= 0.6 + 1e-6 && strong!.distance.linf > 0.2);
  });
  test.run();
});
