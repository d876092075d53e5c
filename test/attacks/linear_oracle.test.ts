// On a linear model every attack can be computed by hand: the margin between two classes falls by eps times the dual norm
// of the difference of their weights, and an attack succeeds exactly when eps exceeds the distance to the boundary.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bim, fgm, fgsm, pgd } from "../../src/attacks/mod.ts";
import { tensor } from "../../src/tensor/mod.ts";
import { assertClose, forEachDevice } from "../support/devices.ts";
import { LinearModel } from "./victims.ts";

const WEIGHT = [[1, -1], [2, 0.5], [-0.5, 1.5], [0.25, 0]];
const DIFFERENCE = WEIGHT.map(([a, b]) => b! - a!);
const BIAS = [0.1, -0.2];
const IMAGES = [[0.5, 0.5, 0.5, 0.5], [0.6, 0.4, 0.45, 0.55], [0.4, 0.6, 0.5, 0.5]];
const DUAL = {
  linf: DIFFERENCE.reduce((sum, d) => sum + Math.abs(d), 0),
  l2: Math.hypot(...DIFFERENCE),
};

/** How far the logit of class 0 is ahead. */
function lead(image: readonly number[]): number {
  return image.reduce((sum, x, i) => sum - x * DIFFERENCE[i]!, BIAS[0]! - BIAS[1]!);
}

forEachDevice((device, label) => {
  const test = suite(`linear model on ${label}`);
  const model = new LinearModel(WEIGHT, BIAS, device);
  const images = () => tensor(IMAGES, { shape: [3, 2, 2, 1], device });
  const labels = IMAGES.map((image) => lead(image) > 0 ? 0 : 1);

  test("fgsm() moves every pixel by eps against the weights", async () => {
    const { images: got } = await fgsm(model, images(), labels, { eps: 0.01 });
    const want = IMAGES.flatMap((image, n) =>
      image.map((x, i) => x + 0.01 * Math.sign(DIFFERENCE[i]!) * (labels[n] === 0 ? 1 : -1))
    );
    assertClose(await got.data(), want, { rtol: 1e-6, atol: 1e-7 });
  });

  test("fgm() moves along the difference of the weights, with length eps", async () => {
    const { images: got } = await fgm(model, images(), labels, { eps: 0.05 });
    const want = IMAGES.flatMap((image, n) =>
      image.map((x, i) => x + 0.05 * DIFFERENCE[i]! / DUAL.l2 * (labels[n] === 0 ? 1 : -1))
    );
    assertClose(await got.data(), want, { rtol: 2e-6, atol: 1e-7 });
  });

  for (const norm of ["linf", "l2"] as const) {
    const single = norm === "linf" ? fgsm : fgm;
    const attacks = {
      "one step": (eps: number) => single.with({ eps }),
      bim: (eps: number) => bim.with({ eps, norm }),
      // Steps long enough to get from any start to the far side of the ball.
      pgd: (eps: number) => pgd.with({ eps, norm, steps: 40, stepSize: eps / 4 }),
    };
    for (const [name, make] of Object.entries(attacks)) {
      test(`${name} in ${norm} succeeds just beyond the distance to the boundary and not before`, async () => {
        for (const [n, image] of IMAGES.entries()) {
          const distance = Math.abs(lead(image)) / DUAL[norm];
          const run = async (eps: number) => {
            const x = tensor([image], { shape: [1, 2, 2, 1], device });
            return (await make(eps).run(model, x, [labels[n]!])).success[0];
          };
          assert.is(await run(distance * 0.99), false, `image ${n} below`);
          assert.is(await run(distance * 1.01), true, `image ${n} above`);
        }
      });
    }
  }

  test("a targeted attack towards the other of two classes is the untargeted one", async () => {
    const target = labels.map((label) => 1 - label);
    for (const attack of [fgsm, fgm, bim]) {
      const plain = await attack(model, images(), labels, { eps: 0.03 });
      const aimed = await attack(model, images(), labels, { eps: 0.03, target });
      assertClose(await aimed.images.data(), await plain.images.data(), { rtol: 0, atol: 1e-7 });
    }
  });

  test("logits plus a constant or times a factor get the same fgsm images", async () => {
    const want = await (await fgsm(model, images(), labels, { eps: 0.1 })).images.data();
    for (const [factor, shift] of [[1, 50], [40, 0], [1000, 0]] as const) {
      const scaled = new LinearModel(
        WEIGHT.map((row) => row.map((w) => w * factor)),
        BIAS.map((b) => b * factor + shift),
        device,
      );
      const got = await fgsm(scaled, images(), labels, { eps: 0.1 });
      assert.equal([...await got.images.data()], [...want], `factor ${factor}, shift ${shift}`);
    }
  });

  test("the textbook loss loses the gradient of a confident network, the margin does not", async () => {
    const confident = new LinearModel(WEIGHT.map((row) => row.map((w) => w * 1000)), BIAS, device);
    const right = IMAGES.map((image) => lead(image) > 0 ? 0 : 1);
    const plain = await fgsm(confident, images(), right, { eps: 0.01, loss: "crossEntropy" });
    const margin = await fgsm(confident, images(), right, { eps: 0.01 });
    assert.ok(plain.distance.linf.some((length) => length === 0), "cross-entropy underflows");
    assert.ok(margin.distance.linf.every((length) => length > 0.0099), "the margin moves all");
  });
  test.run();
});
