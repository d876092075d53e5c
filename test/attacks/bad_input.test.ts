// Bad input gets an error that names what is wrong and what to do, and leaves the model as it was.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fgsm, noise, pgd } from "../../src/attacks/mod.ts";
import { Sequential, Softmax } from "../../src/nn/mod.ts";
import { type Tensor, tensor, zeros } from "../../src/tensor/mod.ts";
import { forEachDevice } from "../support/devices.ts";
import { convolutional, snapshot, someImages } from "./victims.ts";

forEachDevice((device, label) => {
  const test = suite(`bad input of attacks on ${label}`);
  const model = convolutional(device);
  const labels = [0, 1, 2, 3];
  const x: Tensor = someImages(4, device);

  /** The attack must fail with all these words, and the model must be as before. */
  async function refuses(run: () => Promise<unknown>, ...words: readonly (string | RegExp)[]) {
    const before = await snapshot(model);
    let message = "nothing was thrown";
    try {
      await run();
    } catch (error) {
      message = (error as Error).message;
    }
    for (const word of words) assert.match(message, word);
    assert.is(await snapshot(model), before);
  }

  test("eps must be a number >= 0", async () => {
    await refuses(() => fgsm(model, x, labels, { eps: -0.1 }), "eps = -0.1", ">= 0");
    await refuses(() => pgd(model, x, labels, { eps: NaN }), "eps = NaN");
    await refuses(() => pgd(model, x, labels, { eps: 0.1, steps: 0 }), "steps = 0", ">= 1");
    await refuses(() => pgd(model, x, labels, { eps: 0.1, steps: 2.5 }), "steps = 2.5");
    await refuses(
      () => pgd(model, x, labels, { eps: 0.1, restarts: 2, randomStart: false }),
      "2 restarts",
    );
    await refuses(() => noise(model, x, labels, { eps: 0.1, kind: "pink" as "sign" }), "pink");
    await refuses(() => pgd(model, x, labels, { eps: 0.1, norm: "l7" as "l2" }), "l7", "linf");
  });

  test("images must lie in the box and be finite", async () => {
    const moved = x.mul(2).sub(0.5);
    await refuses(
      () => fgsm(model, moved, labels, { eps: 0.1 }),
      "must lie in [0, 1]",
      "Normalize",
    );
    const broken = new Float32Array(await x.data());
    broken[7] = NaN;
    broken[9] = Infinity;
    const spoiled = tensor(broken, { shape: x.shape, device });
    await refuses(() => fgsm(model, spoiled, labels, { eps: 0.1 }), "2 pixels", "finite");
  });

  test("labels must be whole numbers, one per image, within the classes", async () => {
    await refuses(() => fgsm(model, x, [0, 1], { eps: 0.1 }), "[2]", "[4, 8, 8, 1]");
    await refuses(() => fgsm(model, x, [0, 1, 2, 5], { eps: 0.1 }), "5");
    await refuses(() => fgsm(model, x, [0, 1, 2, -1], { eps: 0.1 }), "-1");
    await refuses(() => fgsm(model, x, zeros([4], { device }), { eps: 0.1 }), "f32", "cast");
    await refuses(() => fgsm(model, x, labels, { eps: 0.1, target: 9 }), "9");
  });

  test("images must be a batch of floats that the model takes", async () => {
    await refuses(() => fgsm(model, zeros([4], { device }), labels, { eps: 0.1 }), "[4]", "batch");
    const wide = zeros([4, 8, 8, 3], { device });
    await refuses(() => fgsm(model, wide, labels, { eps: 0.1 }), "[4, 8, 8, 3]");
    const given = someImages(4, device);
    given.dispose();
    await refuses(() => fgsm(model, given, labels, { eps: 0.1 }), "disposed");
  });

  test("a model that gives probabilities is attacked with a warning", async () => {
    const probable = new Sequential(model, new Softmax());
    const { warnings } = await fgsm(probable, x, labels, { eps: 0.1 });
    assert.match(warnings.join(), "logits, not probabilities");
    assert.equal((await fgsm(model, x, labels, { eps: 0.1 })).warnings, []);
  });
  test.run();
});
