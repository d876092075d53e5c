import { suite } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { ShapeError } from "../../src/errors.ts";
import { assertClose, forEachDevice, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { sample } from "../support/numbers.ts";

forEachDevice((device, label) => {
  const test = suite(`linear() on ${label}`);

  test("linear() is a product and a sum, and so are its gradients", async () => {
    for (const [rows, K, N] of [[1, 1, 1], [3, 5, 7], [64, 130, 10]] as const) {
      const given = () => {
        const tensors = [sample([rows, K], 1, { device }), sample([K, N], 2, { device })] as const;
        const all = [...tensors, sample([N], 3, { device })] as const;
        for (const tensor of all) tensor.requiresGrad = true;
        return all;
      };
      const one = given(), other = given();
      const y = one[0].linear(one[1], one[2]), z = other[0].matmul(other[1]).add(other[2]);
      assertClose(await y.data(), await z.data());
      y.square().sum().backward();
      z.square().sum().backward();
      for (const i of [0, 1, 2] as const) {
        const tolerance = { rtol: 1e-4, atol: 1e-3 };
        assertClose(
          await one[i].grad!.data(),
          await other[i].grad!.data(),
          tolerance,
          `input ${i}`,
        );
      }
    }
  });

  test("linear() goes over the last axis of anything", async () => {
    const x = sample([2, 3, 4], 1, { device }), w = sample([4, 5], 2, { device });
    const b = sample([5], 3, { device });
    assert.equal(x.linear(w, b).shape, [2, 3, 5]);
    assertClose(await x.linear(w, b).data(), await x.matmul(w).add(b).data());
    assert.throws(
      () => x.linear(w, sample([4], 3, { device })),
      isA(ShapeError, /weights \[4, 5\] and bias \[4\]/),
    );
  });

  test.run();
});

const gradients = suite("linear()");

gradients("linear() has the derivatives of its formula, to second order", async () => {
  const options = { device: reference, dtype: "f64" } as const;
  const inputs = [sample([3, 4], 1, options), sample([4, 2], 2, options), sample([2], 3, options)];
  await gradcheck((x, w, b) => x!.linear(w!, b!).tanh().sum(), inputs, { order: 2 });
});

gradients.run();
