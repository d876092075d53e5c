import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { tensor } from "../../src/tensor/mod.ts";
import { forEachDevice, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { at, build, numbers, sample } from "../support/numbers.ts";
import { sizeOf } from "../../src/shape.ts";

const CASES: readonly (readonly [shape: readonly number[], axes: readonly number[]])[] = [
  [[], []],
  [[5], [0]],
  [[3, 5], [1, 0]],
  [[3, 5], [0, 1]],
  [[1, 7], [1, 0]],
  [[2, 3, 4], [0, 2, 1]],
  [[2, 3, 4], [2, 0, 1]],
  [[2, 3, 4], [1, 2, 0]],
  [[3, 1, 5, 2], [3, 1, 0, 2]],
  [[3, 5, 7, 2], [0, 3, 1, 2]],
  [[2, 3, 2, 3, 2], [4, 2, 0, 3, 1]],
  [[3, 0, 2], [2, 1, 0]],
  [[67, 41], [1, 0]],
];

forEachDevice((device, label) => {
  const test = suite(`permute on ${label}`);

  test("puts the axes in another order", async () => {
    for (const [shape, axes] of CASES) {
      const data = numbers(sizeOf(shape), 1).map(Math.fround);
      const y = tensor(data, { shape, device }).permute(axes);
      const want = build(axes.map((axis) => shape[axis]!), (x) => {
        return at(data, shape, shape.map((_, axis) => x[axes.indexOf(axis)]!));
      });
      assert.equal(y.shape, axes.map((axis) => shape[axis]!));
      assert.equal([...await y.data()], want, `${shape} to ${axes}`);
    }
  });

  test("keeps integer types, and what is known of their bounds", async () => {
    const x = tensor(Uint32Array.of(1, 2, 3, 4, 5, 6), { shape: [2, 3], device });
    const y = x.transpose();
    assert.equal(await y.data(), Uint32Array.of(1, 4, 2, 5, 3, 6));
    assert.equal(y.buffer.bounds, [1, 6]);
  });

  test.run();
});

test("permute() passes gradcheck to second order", async () => {
  for (const [shape, axes] of CASES.slice(0, 9)) {
    const x = sample(shape, 2, { device: reference, dtype: "f64" });
    await gradcheck((x) => x.permute(axes).square().permute(axes), [x], { order: 2 });
  }
});

test("permute() counts negative axes from the end, and does nothing where it can", () => {
  const x = sample([2, 3, 4], 3, { device: reference });
  assert.equal(x.permute([-1, 0, -2]).shape, [4, 2, 3]);
  assert.is(x.permute([0, 1, 2]).buffer, x.buffer);
  const thin = sample([2, 1, 4, 1], 3, { device: reference });
  assert.is(thin.permute([3, 0, 2, 1]).buffer, thin.buffer);
  assert.equal(thin.permute([3, 0, 2, 1]).shape, [1, 2, 4, 1]);
});

test("transpose() exchanges two axes, by default the last two", () => {
  const x = sample([2, 3, 4], 3, { device: reference });
  assert.equal(x.transpose().shape, [2, 4, 3]);
  assert.equal(x.transpose(0, 2).shape, [4, 3, 2]);
  assert.equal(x.transpose(0, 0).shape, [2, 3, 4]);
});

test("permute() refuses axes that are not an order of all axes", () => {
  const x = sample([2, 3, 4], 3, { device: reference });
  assert.throws(() => x.permute([0, 1]), /shape \[2, 3, 4\] to axes \[0, 1\].*must occur once/);
  assert.throws(() => x.permute([0, 1, 1]), /must occur once/);
  assert.throws(() => x.permute([0, 1, 3]), isA(RangeError));
});

test.run();
