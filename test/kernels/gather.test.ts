import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { gather, scatterAdd } from "../../src/kernels/mod.ts";
import { type Shape, sizeOf } from "../../src/shape.ts";
import { run, tensor } from "../../src/tensor/mod.ts";
import { assertClose, forEachDevice, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { at, build, integers, numbers, sample } from "../support/numbers.ts";

const CASES: readonly (readonly [shape: Shape, index: Shape, axis: number])[] = [
  [[5], [3], 0],
  [[5], [9], 0],
  [[3, 10], [3, 1], 1],
  [[3, 4], [3, 7], 1],
  [[3, 4], [2, 4], 0],
  [[3, 4], [5, 2], 0],
  [[3, 4, 5], [3, 2, 5], 1],
  [[3, 4, 5], [2, 6, 3], 1],
  [[3, 4, 1], [3, 4, 2], -1],
  [[3, 4], [3, 0], 1],
  [[0, 4], [0, 2], 1],
  // Beyond 64 indices on a line the way back sorts them.
  [[4], [200], 0],
  [[3, 5, 2], [3, 67, 2], 1],
  [[90, 3], [130, 2], 0],
];

/** An index of this shape into an axis of `size` elements. */
function indexOf(shape: Shape, size: number): number[] {
  return integers(sizeOf(shape), size, 7);
}

forEachDevice((device, label) => {
  const test = suite(`gather on ${label}`);

  test("takes the elements that the index names", async () => {
    for (const [shape, indexShape, axis] of CASES) {
      const along = axis < 0 ? axis + shape.length : axis;
      const data = numbers(sizeOf(shape), 1).map(Math.fround);
      const index = indexOf(indexShape, shape[along]!);
      for (const type of [Int32Array, Uint32Array]) {
        const places = tensor(type.from(index), { shape: indexShape, device });
        const y = tensor(data, { shape, device }).gather(axis, places);
        const want = build(indexShape, (x) => {
          const place = at(index, indexShape, x);
          return at(data, shape, x.map((k, a) => a === along ? place : k));
        });
        assert.equal(y.shape, indexShape);
        assert.equal([...await y.data()], want, `${shape} by ${indexShape} along ${axis}`);
      }
    }
  });

  test("scatterAdd adds where the index says", async () => {
    for (const [shape, indexShape, axis] of CASES) {
      const along = axis < 0 ? axis + shape.length : axis;
      const g = numbers(sizeOf(indexShape), 2).map(Math.fround);
      const index = indexOf(indexShape, shape[along]!);
      const operands = [
        tensor(g, { shape: indexShape, device }),
        tensor(Uint32Array.from(index), { shape: indexShape, device }),
      ];
      const [y] = run(scatterAdd, operands, { axis: along, shape });
      const want = build(shape, (x) => {
        let sum = 0;
        if (x.some((k, a) => a !== along && k >= indexShape[a]!)) return sum;
        for (let j = 0; j < indexShape[along]!; j++) {
          const from = x.map((k, a) => a === along ? j : k);
          if (at(index, indexShape, from) === x[along]) sum += at(g, indexShape, from);
        }
        return sum;
      });
      assertClose(await y!.data(), want, { rtol: 1e-5, atol: 1e-6 }, `${shape} by ${indexShape}`);
      const [again] = run(scatterAdd, operands, { axis: along, shape });
      assert.equal(await again!.data(), await y!.data());
    }
  });

  test("refuses indices known to lie outside, and holds others inside", async () => {
    const x = tensor([10, 11, 12], { device });
    const index = tensor(Int32Array.of(-1, 3, 1), { device });
    assert.throws(
      () => x.gather(0, index),
      isA(RangeError, /along axis 0.*run from -1 to 3: they must be from 0 to 2/),
    );
    assert.equal([...await run(gather, [x, index], { axis: 0 })[0]!.data()], [10, 12, 11]);
    const g = tensor([1, 2, 4], { device });
    const [y] = run(scatterAdd, [g, index], { axis: 0, shape: [3] });
    assert.equal([...await y!.data()], [1, 4, 2]);
    const far = tensor(Uint32Array.of(2 ** 32 - 1), { device });
    assert.throws(() => x.gather(0, far), isA(RangeError));
    assert.equal([...await run(gather, [x, far], { axis: 0 })[0]!.data()], [12]);
  });

  test.run();
});

test("gather() and its way back pass gradcheck to second order", async () => {
  for (const [shape, indexShape, axis] of CASES.slice(0, 9)) {
    const x = sample(shape, 2, { device: reference, dtype: "f64" });
    const size = shape[axis < 0 ? axis + shape.length : axis]!;
    const places = Int32Array.from(indexOf(indexShape, size));
    const index = tensor(places, { shape: indexShape, device: reference });
    await gradcheck((x) => x.gather(axis, index).square(), [x], { order: 2 });
  }
});

test("gather() passes bounds of integers on", () => {
  const index = tensor(Uint32Array.of(1, 1));
  assert.equal(tensor(Int32Array.of(3, 8)).gather(0, index).buffer.bounds, [3, 8]);
});

test("gather() refuses what does not fit", () => {
  const x = sample([3, 4], 3, { device: reference });
  const index = (shape: Shape) => {
    return tensor(new Int32Array(sizeOf(shape)), { shape, device: reference });
  };
  assert.throws(
    () => x.gather(1, tensor([[0]], { device: reference })),
    /of type f32.*must be i32 or u32/,
  );
  assert.throws(() => x.gather(1, index([4])), /as many axes/);
  assert.throws(() => x.gather(1, index([4, 1])), /shape \[3, 4\] by an index of shape \[4, 1\]/);
  assert.throws(() => x.gather(2, index([3, 1])), isA(RangeError));
  const empty = sample([3, 0], 3, { device: reference });
  assert.throws(() => empty.gather(1, index([3, 1])), /the axis has size 0/);
});

test.run();
