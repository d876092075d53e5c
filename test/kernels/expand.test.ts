import { suite } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { expand } from "../../src/kernels/mod.ts";
import { type Shape, sizeOf } from "../../src/shape.ts";
import { tensor, zeros } from "../../src/tensor/mod.ts";
import { forEachDevice, reference } from "../support/devices.ts";
import { numbers, sample } from "../support/numbers.ts";
import { assertParity, host } from "../support/parity.ts";

const CASES: readonly (readonly [from: Shape, to: Shape])[] = [
  [[], []],
  [[], [3, 5]],
  [[1], [7]],
  [[5], [3, 5]],
  [[3, 1], [3, 5]],
  [[3, 1, 5], [2, 3, 4, 5]],
  [[1, 7, 1], [13, 7, 11]],
  [[1, 3], [0, 3]],
];

const parity = suite("expand on webgpu");

parity("expand() equals the reference bit for bit", async () => {
  for (const dtype of ["f32", "i32", "u32"] as const) {
    for (const [from, shape] of CASES) {
      const values = numbers(sizeOf(from), 2).map((v) =>
        dtype === "f32" ? v : Math.floor(50 * v + 50)
      );
      const call = { inputs: [host(from, values, dtype)], params: { shape } };
      await assertParity(expand, call, { rtol: 0, atol: 0 });
    }
  }
});

parity.run();

forEachDevice((device, label) => {
  const test = suite(`expand on ${label}`);

  test("expand() repeats axes of size 1 and adds axes in front", async () => {
    const x = tensor([[1], [2]], { device });
    assert.equal(Array.from(await x.expand([2, 3]).data()), [1, 1, 1, 2, 2, 2]);
    assert.equal(Array.from(await x.expand([2, 2, 1]).data()), [1, 2, 1, 2]);
    assert.equal(x.expand([0, 2, 1]).shape, [0, 2, 1]);
  });

  test("expand() to the same shape runs no kernel", () => {
    const x = zeros([2, 3], { device });
    const before = device.ledger.callsOf("expand");
    x.expand([2, 3]);
    assert.is(device.ledger.callsOf("expand"), before);
  });

  test("expand() refuses sizes that are neither equal nor 1", () => {
    assert.throws(
      () => zeros([2, 3], { device }).expand([2, 4]),
      "Cannot expand [2, 3] to [2, 4]: sizes, counted from the last axis, must be equal or 1 before",
    );
    assert.throws(() => zeros([2, 3], { device }).expand([3]), /Cannot expand \[2, 3\] to \[3\]/);
    assert.throws(() => zeros([1], { device }).expand([-1]), /sizes must be whole numbers >= 0/);
  });

  test("the gradient of expand() sums over what was repeated", async () => {
    const x = tensor([[1], [2]], { device, requiresGrad: true });
    x.expand([4, 2, 3]).sum().backward();
    assert.equal(Array.from(await x.grad!.data()), [12, 12]);
  });

  test.run();
});

const gradients = suite("expand gradients");

gradients("expand() is right to second order", async () => {
  for (const [from, to] of CASES) {
    if (sizeOf(to) === 0) continue;
    const small = to.map((size) => Math.min(size, 3));
    const shape = from.map((size) => Math.min(size, 3));
    const x = sample(shape, 4, { device: reference, dtype: "f64" });
    await gradcheck((x) => x.square().expand(small).square(), [x], { order: 2 });
  }
});

gradients.run();
