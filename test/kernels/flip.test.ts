import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { sizeOf } from "../../src/shape.ts";
import { tensor } from "../../src/tensor/mod.ts";
import { forEachDevice, reference } from "../support/devices.ts";
import { at, build, numbers, sample } from "../support/numbers.ts";

const CASES: readonly (readonly [shape: readonly number[], axes: readonly number[]])[] = [
  [[], []],
  [[5], [0]],
  [[3, 4], [0]],
  [[3, 4], [1]],
  [[3, 4], [0, 1]],
  [[1, 4], [0]],
  [[3, 5, 2, 7], [1, 2]],
  [[3, 5, 2, 7], [0, 3]],
  [[3, 0], [0, 1]],
  [[41, 67], [1]],
];

forEachDevice((device, label) => {
  const test = suite(`flip on ${label}`);

  test("turns axes around", async () => {
    for (const [shape, axes] of CASES) {
      const data = numbers(sizeOf(shape), 1).map(Math.fround);
      const y = tensor(data, { shape, device }).flip(axes);
      const want = build(shape, (x) => {
        return at(data, shape, x.map((k, a) => axes.includes(a) ? shape[a]! - 1 - k : k));
      });
      assert.equal(y.shape, shape);
      assert.equal([...await y.data()], want, `${shape} along ${axes}`);
    }
  });

  test("turns all axes around by default, and keeps integers and their bounds", async () => {
    const y = tensor(Uint32Array.of(1, 2, 3, 4), { shape: [2, 2], device }).flip();
    assert.equal(await y.data(), Uint32Array.of(4, 3, 2, 1));
    assert.equal(y.buffer.bounds, [1, 4]);
  });

  test.run();
});

test("flip() passes gradcheck to second order", async () => {
  for (const [shape, axes] of CASES.slice(0, 7)) {
    const x = sample(shape, 2, { device: reference, dtype: "f64" });
    await gradcheck((x) => x.flip(axes).mul(x.square()), [x], { order: 2 });
  }
});

test("flip() refuses axes that are not there", () => {
  const x = sample([4, 3], 3, { device: reference });
  assert.throws(() => x.flip(2), /flip along axis 2 of a tensor with 2 axes/);
  assert.throws(() => x.flip([0, -2]), /each axis must occur once/);
});

test.run();
