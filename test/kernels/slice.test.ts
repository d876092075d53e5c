import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { sizeOf } from "../../src/shape.ts";
import { tensor } from "../../src/tensor/mod.ts";
import { forEachDevice, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { at, build, numbers, sample } from "../support/numbers.ts";

type Case = readonly [
  shape: readonly number[],
  range: readonly [axis: number, start: number, end?: number, step?: number],
];

const CASES: readonly Case[] = [
  [[5], [0, 1, 4]],
  [[5], [0, 0]],
  [[5], [0, -3]],
  [[5], [0, -4, -1]],
  [[7], [0, 0, 7, 2]],
  [[7], [0, 1, 7, 3]],
  [[7], [-1, 6, 100, 5]],
  [[3, 5, 4], [1, 1, 3]],
  [[3, 5, 4], [0, 2, 3]],
  [[3, 5, 4], [2, 1, 4, 2]],
  [[3, 1, 4], [1, 0, 1]],
  [[3, 5], [1, 4, 2]],
  [[3, 0], [0, 1, 3]],
  [[41, 67], [1, 3, 66, 4]],
];

forEachDevice((device, label) => {
  const test = suite(`slice on ${label}`);

  test("takes what Array.prototype.slice takes, in steps", async () => {
    for (const [shape, [axis, start, end = Infinity, step = 1]] of CASES) {
      const data = numbers(sizeOf(shape), 1).map(Math.fround);
      const along = axis < 0 ? axis + shape.length : axis;
      const places = Array.from({ length: shape[along]! }, (_, k) => k).slice(start, end)
        .filter((_, k) => k % step === 0);
      const y = tensor(data, { shape, device }).slice(axis, start, end, step);
      const wanted = shape.map((size, a) => a === along ? places.length : size);
      assert.equal(y.shape, wanted);
      const want = build(wanted, (x) => {
        return at(data, shape, x.map((k, a) => a === along ? places[k]! : k));
      });
      assert.equal([...await y.data()], want, `${shape} by ${axis}, ${start}, ${end}, ${step}`);
    }
  });

  test("keeps integer types, and what is known of their bounds", async () => {
    const y = tensor(Int32Array.of(4, -1, 3, 9), { device }).slice(0, 1, 3);
    assert.equal(await y.data(), Int32Array.of(-1, 3));
    assert.equal(y.buffer.bounds, [-1, 9]);
  });

  test.run();
});

test("slice() passes gradcheck to second order", async () => {
  for (const [shape, [axis, start, end, step]] of CASES.slice(0, 13)) {
    if (sizeOf(shape) === 0) continue;
    const x = sample(shape, 2, { device: reference, dtype: "f64" });
    await gradcheck((x) => x.slice(axis, start, end, step).square(), [x], { order: 2 });
  }
});

test("slice() of everything is the same elements", () => {
  const x = sample([4, 3], 3, { device: reference });
  assert.is(x.slice(0, 0).buffer, x.buffer);
});

test("slice() refuses what it cannot mean", () => {
  const x = sample([4, 3], 3, { device: reference });
  assert.throws(() => x.slice(0, 0, 4, 0), /steps of 0.*whole and >= 1/);
  assert.throws(() => x.slice(0, 0, 4, -1), isA(RangeError));
  assert.throws(() => x.slice(0, NaN), isA(RangeError));
  assert.throws(() => x.slice(2, 0), /axis 2 of a tensor with 2 axes/);
});

test.run();
