// An attack leaves the model as it was.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fgsm, noise, pgd } from "../../src/attacks/mod.ts";
import { Module, Sequential } from "../../src/nn/mod.ts";
import { type Tensor, tensor } from "../../src/tensor/mod.ts";
import { forEachDevice } from "../support/devices.ts";
import { convolutional, snapshot, someImages } from "./victims.ts";

/** Fails on the second call. */
class Fragile extends Module {
  calls = 0;
  override forward(x: Tensor): Tensor {
    if (++this.calls > 1) throw new Error("broken layer");
    return x;
  }
}

forEachDevice((device, label) => {
  const test = suite(`the attacked model on ${label}`);
  const labels = [0, 1, 2, 3];

  test("parameters, gradients, statistics and modes are byte-equal after an attack", async () => {
    const model = convolutional(device);
    const x = someImages(4, device);
    model.forward(x).crossEntropy(labels4(x)).backward(); // so that there are gradients to spoil
    model.modules().get("1")!.training = false; // a frozen batch norm in a model that trains
    const before = await snapshot(model);
    for (
      const attack of [
        fgsm.with({ eps: 0.1 }),
        pgd.with({ eps: 0.1, steps: 3 }),
        noise.with({ eps: 0.1 }),
      ]
    ) {
      await attack.run(model, x, labels);
      assert.is(await snapshot(model), before, attack.title);
    }
  });

  test("modes and parameters come back when a layer throws in the middle", async () => {
    const inner = convolutional(device);
    const model = new Sequential(new Fragile(), inner);
    const before = await snapshot(model);
    try {
      await pgd(model, someImages(4, device), labels, { eps: 0.1, steps: 4 });
      assert.unreachable("the layer must throw");
    } catch (error) {
      assert.match((error as Error).message, "broken layer");
    }
    assert.is(await snapshot(model), before);
  });

  test("no gradient of a weight is computed", async () => {
    const model = convolutional(device);
    const x = someImages(4, device);
    const count = () => device.ledger.callsOf("conv2dWeightGrad");
    const before = count();
    await pgd(model, x, labels, { eps: 0.1, steps: 5, restarts: 2 });
    await fgsm(model, x, labels, { eps: 0.1 });
    assert.is(count(), before);
    model.forward(x).crossEntropy(labels4(x)).backward();
    assert.is(count(), before + 1, "the count must see a weight gradient when there is one");
  });

  function labels4(x: Tensor): Tensor {
    return tensor(Int32Array.from(labels), { device: x.device });
  }
  test.run();
});
