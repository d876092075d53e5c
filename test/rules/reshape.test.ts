import { suite, test as host } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { ShapeError } from "../../src/errors.ts";
import { tensor } from "../../src/tensor/mod.ts";
import { forEachDevice, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { sample } from "../support/numbers.ts";

forEachDevice((device, label) => {
  const test = suite(`reshape on ${label}`);

  test("reshape() and flatten() share the elements and run no kernel", async () => {
    const x = sample([2, 3, 4], 1, { device });
    const before = [...device.ledger.calls.values()].reduce((sum, calls) => sum + calls, 0);
    const views = [
      x.reshape([6, 4]),
      x.reshape([-1]),
      x.reshape([2, 1, -1, 4]),
      x.flatten(),
      x.flatten(0),
      x.flatten(-2),
      x.flatten(2),
    ];
    assert.equal(views.map(({ shape }) => shape), [
      [6, 4],
      [24],
      [2, 1, 3, 4],
      [2, 12],
      [24],
      [2, 12],
      [2, 3, 4],
    ]);
    const after = [...device.ledger.calls.values()].reduce((sum, calls) => sum + calls, 0);
    assert.is(after, before);
    for (const view of views) assert.is(view.buffer, x.buffer);
    assert.equal(await views[3]!.data(), await x.data());
  });

  test("reshape() of empty tensors and of scalars", () => {
    assert.equal(tensor([], { device, shape: [0, 3] }).reshape([-1, 3]).shape, [0, 3]);
    assert.equal(tensor([], { device, shape: [0, 3] }).flatten().shape, [0, 3]);
    assert.equal(tensor(1, { device }).reshape([1, -1]).shape, [1, 1]);
    assert.equal(tensor([[1]], { device }).reshape([]).shape, []);
  });

  test.run();
});

host("reshape() passes gradcheck to second order", async () => {
  const x = sample([2, 3], 1, { device: reference, dtype: "f64" });
  await gradcheck((x) => x.square().reshape([3, 2]).square(), [x], { order: 2 });
  await gradcheck((x) => x.reshape([-1]).mul(x.flatten(0)), [x], { order: 2 });
});

host("reshape() refuses another number of elements", () => {
  assert.throws(
    () => sample([2, 3], 1, { device: reference }).reshape([4]),
    isA(ShapeError, /Cannot reshape \[2, 3\] to \[4\]: 6 elements must stay 6/),
  );
});

host.run();
