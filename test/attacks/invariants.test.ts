// What must hold for every attack on every model.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bim, fgm, fgsm, noise, pgd, type SettledAttack } from "../../src/attacks/mod.ts";
import { type Tensor, tensor } from "../../src/tensor/mod.ts";
import { assertClose, forEachDevice } from "../support/devices.ts";
import { convolutional, someImages } from "./victims.ts";

const EPS = 0.07;

/** Every attack with its budget in its norm. */
const ATTACKS: readonly (readonly [SettledAttack, "linf" | "l2"])[] = [
  [fgsm.with({ eps: EPS }), "linf"],
  [fgsm.with({ eps: EPS, target: 2 }), "linf"],
  [fgm.with({ eps: 1 }), "l2"],
  [bim.with({ eps: EPS, steps: 4 }), "linf"],
  [bim.with({ eps: 1, steps: 4, norm: "l2" }), "l2"],
  [pgd.with({ eps: EPS, steps: 4, seed: 3 }), "linf"],
  [pgd.with({ eps: EPS, steps: 3, seed: 3, restarts: 3, keep: "best" }), "linf"],
  [pgd.with({ eps: 1, steps: 4, norm: "l2", seed: 3, target: [0, 1, 2, 3, 4, 0, 1] }), "l2"],
  [noise.with({ eps: EPS, seed: 3 }), "linf"],
  [noise.with({ eps: EPS, kind: "sign", seed: 3 }), "linf"],
  [noise.with({ eps: 1, kind: "direction", seed: 3 }), "l2"],
];
const LABELS = [3, 1, 4, 1, 0, 2, 2];

/** Rows of a batch, in the given order. */
function rows(data: ArrayLike<number>, order: readonly number[]): number[] {
  const size = data.length / LABELS.length;
  return order.flatMap((n) => Array.from({ length: size }, (_, i) => data[n * size + i]!));
}

forEachDevice((device, label) => {
  const test = suite(`every attack on ${label}`);
  const model = convolutional(device);
  const x: Tensor = someImages(LABELS.length, device);

  for (const [attack, norm] of ATTACKS) {
    test(`${attack.title} stays inside ball and box, and moves`, async () => {
      const before = [...await x.data()];
      const adversarial = attack.perturb(model, x, LABELS);
      const got = await adversarial.data();
      const budget = attack.options.eps;
      let moved = 0;
      for (let n = 0; n < LABELS.length; n++) {
        const change = rows(got, [n]).map((pixel, i) => pixel - rows(before, [n])[i]!);
        const length = norm === "l2"
          ? Math.hypot(...change)
          : Math.max(...change.map((c) => Math.abs(c)));
        assert.ok(length <= budget * (1 + 1e-6) + 1e-7, `example ${n}: ${length} > ${budget}`);
        moved += length;
      }
      assert.ok(got.every((pixel) => pixel >= 0 && pixel <= 1), "outside of the box");
      assert.ok(moved > budget, "nothing moved");
      assert.equal([...await x.data()], before, "the clean images changed");
      assert.is(adversarial.requiresGrad, false);
    });

    test(`${attack.title} is the same one by one, and in another order`, async () => {
      const whole = await attack.perturb(model, x, LABELS).data();
      const order = [4, 2, 6, 0, 5, 1, 3];
      const shuffled = x.take(tensor(Int32Array.from(order), { device }));
      const targets = attack.options.target;
      const settle = (of: readonly number[]) =>
        typeof targets === "object"
          ? { ...attack.options, target: of.map((n) => (targets as number[])[n]!) }
          : attack.options;
      const again = { pgd, fgsm, fgm, bim, noise }[attack.name]!;
      const permuted = again.with(settle(order))
        .perturb(model, shuffled, order.map((n) => LABELS[n]!), { ids: order });
      // Equal but for the rounding of sums, whose order a batch must not change on the CPU.
      const tolerance = { rtol: 0, atol: label === "reference" ? 0 : 2e-6 };
      assertClose(await permuted.data(), rows(whole, order), tolerance, "permuted");
      for (const n of [0, 6]) {
        const single = again.with(settle([n]))
          .perturb(model, x.slice(0, n, n + 1), [LABELS[n]!], { ids: [n] });
        assertClose(await single.data(), rows(whole, [n]), tolerance, `example ${n}`);
      }
    });

    test(`${attack.title} with the same seed gives the same bits`, async () => {
      const [a, b] = [attack.perturb(model, x, LABELS), attack.perturb(model, x, LABELS)];
      assert.equal([...await a.data()], [...await b.data()]);
    });
  }

  test("another draw gives other random numbers, and the same ones again", async () => {
    for (
      const attack of [noise.with({ eps: EPS }), pgd.with({ eps: EPS, steps: 1, stepSize: 0 })]
    ) {
      const draw = async (
        n: number,
      ) => [...await attack.perturb(model, x, LABELS, { draw: n }).data()];
      assert.equal(await draw(3), await draw(3));
      assert.not.equal(await draw(3), await draw(4));
    }
  });

  for (const attack of [fgsm, fgm, bim, pgd, noise]) {
    test(`${attack.with({ eps: 0 }).name} with eps 0 changes nothing`, async () => {
      const got = await attack.with({ eps: 0 }).perturb(model, x, LABELS).data();
      assertClose(got, await x.data(), { rtol: 0, atol: 1e-7 });
    });
  }

  test("pgd() of one step without random start equals fgsm(), bit for bit", async () => {
    const options = { eps: EPS, steps: 1, stepSize: EPS, randomStart: false } as const;
    const one = await pgd.with(options).perturb(model, x, LABELS).data();
    const sign = await fgsm.with({ eps: EPS }).perturb(model, x, LABELS).data();
    assert.equal([...one], [...sign]);
    const l2 = { ...options, norm: "l2", eps: 1, stepSize: 1 } as const;
    const step = await pgd.with(l2).perturb(model, x, LABELS).data();
    assert.equal([...step], [...await fgm.with({ eps: 1 }).perturb(model, x, LABELS).data()]);
  });

  test("pgd() without random start equals bim()", async () => {
    const options = { eps: EPS, steps: 5 };
    const a = await pgd.with({ ...options, randomStart: false }).perturb(model, x, LABELS).data();
    const b = await bim.with(options).perturb(model, x, LABELS).data();
    assert.equal([...a], [...b]);
  });

  test("an example without gradient stays where it is", async () => {
    const flat = convolutional(device);
    for (const parameter of flat.parameters().values()) parameter.assign(parameter.detach().mul(0));
    for (const attack of [fgsm, fgm, bim]) {
      const got = await attack.with({ eps: EPS }).perturb(flat, x, LABELS).data();
      assert.equal([...got], [...await x.data()]);
    }
  });

  test("attacks leave nothing on the device but their images", async () => {
    const { ledger } = device;
    const run = async (attack: SettledAttack) => {
      const result = await attack.run(model, x, LABELS);
      result.images.dispose();
    };
    for (const [attack] of ATTACKS) await run(attack);
    const { buffers, bytes } = ledger;
    for (const [attack] of ATTACKS) await run(attack);
    assert.is(ledger.buffers, buffers);
    assert.is(ledger.bytes, bytes);
  });
  test.run();
});
