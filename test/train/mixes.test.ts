// How the four ways to mix clean and adversarial images are related.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fgsm, noise } from "../../src/attacks/mod.ts";
import type { Device } from "../../src/backend/mod.ts";
import type { Batch } from "../../src/data/mod.ts";
import {
  BatchNorm2d,
  Conv2d,
  Flatten,
  Linear,
  type Module,
  ReLU,
  Sequential,
  SGD,
} from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { rand, tensor } from "../../src/tensor/mod.ts";
import { type Mix, trainStep } from "../../src/train/mod.ts";
import { assertClose, forEachDevice } from "../support/devices.ts";

const SIZE = 6;

function batch(device: Device): Batch {
  return {
    images: rand([SIZE, 8, 8, 1], { random: new RandomStream(2), device }),
    labels: tensor(Int32Array.of(0, 1, 2, 0, 1, 2), { device }),
    ids: tensor(Uint32Array.from({ length: SIZE }, (_, i) => i), { device }),
    size: SIZE,
  };
}

function network(device: Device, norm: boolean): Sequential {
  const random = new RandomStream(4);
  const options = { random, device };
  return new Sequential(
    new Conv2d(1, 4, 3, { padding: 1, ...options }),
    ...(norm ? [new BatchNorm2d(4, { device })] : []),
    new ReLU(),
    new Flatten(),
    new Linear(256, 3, options),
  );
}

async function weightsAfter(
  device: Device,
  { mix, lr, norm = false }: { readonly mix: Mix; readonly lr: number; readonly norm?: boolean },
): Promise<number[]> {
  const model = network(device, norm);
  const optimizer = new SGD(model.parameters(), { lr });
  const attack = fgsm.with({ eps: 0.1 });
  for (let step = 0; step < 3; step++) {
    const { loss, correct } = trainStep(model, optimizer, batch(device), {
      adversarial: { attack, mix },
    });
    loss.dispose();
    correct.dispose();
  }
  return await weightsOf(model);
}

async function weightsOf(model: Module): Promise<number[]> {
  const all: number[] = [];
  for (const parameter of model.parameters().values()) all.push(...await parameter.data());
  return all;
}

const TOLERANCE = { rtol: 1e-4, atol: 2e-6 };

forEachDevice((device, label) => {
  const test = suite(`mixes on ${label}`);

  test("concat equals average without batch norm", async () => {
    const want = await weightsAfter(device, { mix: "average", lr: 0.1 });
    assertClose(await weightsAfter(device, { mix: "concat", lr: 0.1 }), want, TOLERANCE);
  });

  test("concat differs from average with batch norm, whose statistics are then joint", async () => {
    const average = await weightsAfter(device, { mix: "average", lr: 0.1, norm: true });
    const concat = await weightsAfter(device, { mix: "concat", lr: 0.1, norm: true });
    const apart = Math.max(...average.map((value, i) => Math.abs(value - concat[i]!)));
    assert.ok(apart > 1e-4, `largest difference ${apart}`);
  });

  test("accumulate equals average at twice the learning rate under plain SGD", async () => {
    const want = await weightsAfter(device, { mix: "average", lr: 0.2 });
    assertClose(await weightsAfter(device, { mix: "accumulate", lr: 0.1 }), want, TOLERANCE);
  });

  test("only differs from average", async () => {
    const average = await weightsAfter(device, { mix: "average", lr: 0.1 });
    const only = await weightsAfter(device, { mix: "only", lr: 0.1 });
    assert.ok(average.some((value, i) => Math.abs(value - only[i]!) > 1e-4));
  });

  test("an unknown mix is refused", () => {
    const model = network(device, false);
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const attack = fgsm.with({ eps: 0.1 });
    assert.throws(
      () =>
        trainStep(model, optimizer, batch(device), {
          adversarial: { attack, mix: "shaken" as Mix },
        }),
      /shaken.*"only", "accumulate", "average" or "concat"/,
    );
  });

  test("memory is the same after step 10 and after step 1,000", async () => {
    const model = network(device, true);
    const optimizer = new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
    const data = batch(device);
    const steps = label === "reference" ? 1000 : 200;
    const attacks = [fgsm.with({ eps: 0.1 }), noise.with({ eps: 0.1, kind: "sign" })];
    let early = "";
    for (let step = 1; step <= steps; step++) {
      const attack = attacks[step % 2]!;
      const mix = (["average", "concat", "accumulate", "only"] as const)[step % 4]!;
      const { loss, correct } = trainStep(model, optimizer, data, {
        adversarial: { attack, mix },
        step,
      });
      loss.dispose();
      correct.dispose();
      await device.pace();
      const { buffers, bytes } = device.ledger;
      if (step === 10) early = `${buffers} buffers, ${bytes} bytes`;
      if (step === steps) assert.is(`${buffers} buffers, ${bytes} bytes`, early);
    }
  });
  test.run();
});
