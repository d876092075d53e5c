import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { take, takeGrad } from "../../src/kernels/mod.ts";
import { type Shape, sizeOf } from "../../src/shape.ts";
import { run, tensor } from "../../src/tensor/mod.ts";
import { assertClose, forEachDevice, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { at, build, integers, numbers, sample } from "../support/numbers.ts";

const CASES: readonly (readonly [shape: Shape, indices: Shape, axis: number])[] = [
  [[5], [3], 0],
  [[5, 3], [7], 0],
  [[1, 3], [2], 0],
  [[3, 5], [4], 1],
  [[3, 5, 2], [3], 1],
  [[3, 5, 2], [2, 2], 1],
  [[3, 5], [], -1],
  [[3, 5], [0], 0],
  [[3, 0], [2], 0],
  // Beyond 64 indices the way back sorts them.
  [[7, 3], [100], 0],
  [[3, 130, 2], [201], 1],
  [[1], [70], 0],
];

/** The shape of the result. */
function takenShape(shape: Shape, indices: Shape, axis: number): Shape {
  return [...shape.slice(0, axis), ...indices, ...shape.slice(axis + 1)];
}

forEachDevice((device, label) => {
  const test = suite(`take on ${label}`);

  test("takes the elements that the indices name", async () => {
    for (const [shape, indexShape, axis] of CASES) {
      const along = axis < 0 ? axis + shape.length : axis;
      const data = numbers(sizeOf(shape), 1).map(Math.fround);
      const indices = integers(sizeOf(indexShape), shape[along]!, 7);
      const wanted = takenShape(shape, indexShape, along);
      const want = build(wanted, (x) => {
        const place = at(indices, indexShape, x.slice(along, along + indexShape.length));
        return at(data, shape, [
          ...x.slice(0, along),
          place,
          ...x.slice(along + indexShape.length),
        ]);
      });
      for (const type of [Int32Array, Uint32Array]) {
        const places = tensor(type.from(indices), { shape: indexShape, device });
        const y = tensor(data, { shape, device }).take(places, axis);
        assert.equal(y.shape, wanted);
        assert.equal([...await y.data()], want, `${shape} by ${indexShape} along ${axis}`);
      }
    }
  });

  test("takeGrad adds where the indices say", async () => {
    for (const [shape, indexShape, axis] of CASES) {
      const along = axis < 0 ? axis + shape.length : axis;
      const taken = takenShape(shape, indexShape, along);
      const g = numbers(sizeOf(taken), 2).map(Math.fround);
      const indices = integers(sizeOf(indexShape), shape[along]!, 7);
      const operands = [
        tensor(g, { shape: taken, device }),
        tensor(Int32Array.from(indices), { shape: indexShape, device }),
      ];
      const params = { axis: along, size: shape[along]! };
      const [y] = run(takeGrad, operands, params);
      const flat = [...shape.slice(0, along), indices.length, ...shape.slice(along + 1)];
      const want = build(shape, (x) => {
        let sum = 0;
        for (const [j, index] of indices.entries()) {
          if (index === x[along]) sum += at(g, flat, x.map((k, a) => a === along ? j : k));
        }
        return sum;
      });
      assert.equal(y!.shape, shape);
      assertClose(await y!.data(), want, { rtol: 1e-5, atol: 1e-6 }, `${shape} by ${indexShape}`);
      assert.equal(await run(takeGrad, operands, params)[0]!.data(), await y!.data());
    }
  });

  test("refuses indices known to lie outside, and holds others inside", async () => {
    const x = tensor([[1, 2], [3, 4]], { device });
    const indices = tensor(Int32Array.of(0, -2, 5), { device });
    assert.throws(
      () => x.take(indices),
      isA(RangeError, /take along axis 0.*run from -2 to 5: they must be from 0 to 1/),
    );
    const [y] = run(take, [x, indices], { axis: 0 });
    assert.equal([...await y!.data()], [1, 2, 1, 2, 3, 4]);
    const [back] = run(takeGrad, [y!, indices], { axis: 0, size: 2 });
    assert.equal([...await back!.data()], [2, 4, 3, 4]);
  });

  test.run();
});

test("take() and its way back pass gradcheck to second order", async () => {
  for (const [shape, indexShape, axis] of CASES.slice(0, 7)) {
    const x = sample(shape, 2, { device: reference, dtype: "f64" });
    const size = shape[axis < 0 ? axis + shape.length : axis]!;
    const places = integers(sizeOf(indexShape), size, 7);
    const options = { shape: indexShape, device: reference };
    const indices = tensor(Uint32Array.from(places), options);
    await gradcheck((x) => x.take(indices, axis).square(), [x], { order: 2 });
  }
});

test("take() passes bounds of integers on", () => {
  const index = tensor(Uint32Array.of(1, 1));
  assert.equal(tensor(Int32Array.of(3, 8)).take(index).buffer.bounds, [3, 8]);
});

test("take() refuses what does not fit", () => {
  const x = sample([3, 4], 3, { device: reference });
  assert.throws(
    () => x.take(tensor([0], { device: reference })),
    /of type f32.*must be i32 or u32, use cast/,
  );
  assert.throws(
    () => x.take(tensor(Int32Array.of(0), { device: reference }), 2),
    /axis 2 of a tensor with 2 axes/,
  );
  const empty = sample([0, 4], 3, { device: reference });
  assert.throws(
    () => empty.take(tensor(Int32Array.of(0), { device: reference })),
    /the axis has size 0/,
  );
  assert.equal(empty.take(tensor(new Int32Array(0), { device: reference })).shape, [0, 4]);
});

test.run();
