import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { sizeOf } from "../../src/shape.ts";
import { tensor } from "../../src/tensor/mod.ts";
import { forEachDevice, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { at, build, numbers, sample } from "../support/numbers.ts";

type Pair = readonly [before: number, after: number, step?: number];

const CASES: readonly (readonly [shape: readonly number[], pairs: readonly Pair[]])[] = [
  [[], []],
  [[3], [[0, 0]]],
  [[3], [[2, 1]]],
  [[3], [[0, 2, 2]]],
  [[1], [[1, 1, 3]]],
  [[2, 3], [[1, 0], [0, 2]]],
  [[3, 4, 5, 2], [[0, 0], [1, 1], [2, 0], [0, 0]]],
  [[2, 3, 2], [[0, 1, 2], [1, 0, 3], [0, 0]]],
  [[0, 2], [[1, 2], [0, 1]]],
  [[0, 2], [[0, 0], [0, 1]]],
  [[31, 17], [[3, 0], [5, 64]]],
];

forEachDevice((device, label) => {
  const test = suite(`pad on ${label}`);

  test("puts a number around the elements and between them", async () => {
    for (const [shape, pairs] of CASES) {
      const data = numbers(sizeOf(shape), 1).map(Math.fround);
      const y = tensor(data, { shape, device }).pad(pairs, -2.5);
      const wanted = shape.map((size, axis) => {
        const [before, after, step = 1] = pairs[axis]!;
        return before + Math.max(0, (size - 1) * step + 1) + after;
      });
      // From a size of 0 there is nothing to keep apart.
      const sizes = wanted.map((size, a) => shape[a] === 0 ? pairs[a]![0] + pairs[a]![1] : size);
      const want = build(sizes, (x) => {
        const from = x.map((k, axis) => (k - pairs[axis]![0]) / (pairs[axis]![2] ?? 1));
        const inside = from.every((k, axis) => Number.isInteger(k) && k >= 0 && k < shape[axis]!);
        return inside ? at(data, shape, from) : -2.5;
      });
      assert.equal(y.shape, sizes);
      assert.equal([...await y.data()], want, `${shape} by ${JSON.stringify(pairs)}`);
    }
  });

  test("pads integers", async () => {
    const signed = tensor(Int32Array.of(4, 5), { device }).pad([[1, 0]], -1);
    assert.equal(await signed.data(), Int32Array.of(-1, 4, 5));
    const unsigned = tensor(Uint32Array.of(4, 5), { device }).pad([[0, 1]], 3e9);
    assert.equal(await unsigned.data(), Uint32Array.of(4, 5, 3e9));
    assert.is(unsigned.buffer.bounds, undefined);
  });

  test.run();
});

test("pad() passes gradcheck to second order", async () => {
  for (const [shape, pairs] of CASES.slice(0, 8)) {
    const x = sample(shape, 2, { device: reference, dtype: "f64" });
    await gradcheck((x) => x.square().pad(pairs, 1.5).square(), [x], { order: 2 });
  }
});

test("pad() refuses what it cannot mean", () => {
  const x = sample([4, 3], 3, { device: reference });
  assert.throws(() => x.pad([[1, 1]]), /1 pairs of sizes are given, one per axis is needed/);
  assert.throws(() => x.pad([[1, -1], [0, 0]]), /by 1 and -1.*whole numbers >= 0/);
  assert.throws(() => x.pad([[1, 1, 0], [0, 0]]), isA(RangeError));
  assert.throws(() => x.pad([[1, 1], [0, 0]], Infinity), /must be finite/);
});

test.run();
