// The same attacks by PyTorch, from the formulas; made by test/fixtures/make_golden.py.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bim, fgm, fgsm } from "../../src/attacks/mod.ts";
import golden from "../fixtures/attacks.json" with { type: "json" };
import { assertClose, forEachDevice } from "../support/devices.ts";
import { GoldenNet, load } from "../support/golden_net.ts";

forEachDevice((device, label) => {
  const test = suite(`PyTorch's attacks on ${label}`);
  const model = new GoldenNet(golden.state, device);
  const x = load(golden.x, device);
  const labels = golden.labels.data;
  const { fgsm: sign, l2Step, pgd } = golden.options;

  for (const wanted of golden.attacks) {
    const target = wanted.targeted ? { target: wanted.goals.data } : {};

    test(`fgsm(), ${wanted.name}`, async () => {
      const got = await fgsm.with({ eps: sign.eps, ...target }).perturb(model, x, labels).data();
      assertClose(got, wanted.fgsm.data, { rtol: 1e-6, atol: 1e-6 });
    });

    test(`fgm(), ${wanted.name}`, async () => {
      const got = await fgm.with({ eps: l2Step.eps, ...target }).perturb(model, x, labels).data();
      assertClose(got, wanted.l2Step.data, { rtol: 1e-4, atol: 1e-5 });
    });

    test(`bim(), every step, ${wanted.name}`, async () => {
      for (const [i, step] of wanted.pgd.entries()) {
        const attack = bim.with({ eps: pgd.eps, stepSize: pgd.stepSize, steps: i + 1, ...target });
        const got = await attack.perturb(model, x, labels).data();
        assertClose(got, step.data, { rtol: 1e-6, atol: 1e-6 }, `step ${i + 1}`);
      }
    });
  }

  test("predictions, certainty and loss are those of the logits", async () => {
    const { before } = await fgsm(model, x, labels, { eps: 0 });
    const classes = golden.logits.shape[1]!;
    for (let n = 0; n < labels.length; n++) {
      const row = golden.logits.data.slice(n * classes, (n + 1) * classes);
      const total = row.reduce((sum, z) => sum + Math.exp(z), 0);
      const best = row.indexOf(Math.max(...row));
      assert.is(before.classes[n], best);
      assertClose([before.certainty[n]!], [Math.exp(row[best]!) / total], { rtol: 1e-4 });
      assertClose([before.loss[n]!], [Math.log(total) - row[labels[n]!]!], { rtol: 1e-4 });
    }
  });
  test.run();
});
