import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DTypeError, GradientError, ShapeError } from "../../src/errors.ts";
import { RandomStream } from "../../src/random.ts";
import { arange, full, ones, rand, randn, tensor, zeros } from "../../src/tensor/mod.ts";
import { forEachDevice, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";

forEachDevice((device, label) => {
  const test = suite(`creation on ${label}`);

  test("tensor() takes a number, nested numbers and typed arrays", async () => {
    const scalar = tensor(2.5, { device });
    assert.equal(scalar.shape, []);
    assert.is(await scalar.item(), 2.5);
    const nested = tensor([[[1], [2]], [[3], [4]], [[5], [6]]], { device });
    assert.equal(nested.shape, [3, 2, 1]);
    assert.is(nested.dtype, "f32");
    assert.equal([...await nested.data()], [1, 2, 3, 4, 5, 6]);
    for (const array of [Float32Array.of(1, 2), Int32Array.of(-1, 2), Uint32Array.of(1, 2)]) {
      const made = tensor(array, { device });
      assert.equal(made.shape, [2]);
      assert.equal(await made.data(), array);
    }
  });

  test("tensor() copies what it is given", async () => {
    const array = Float32Array.of(1, 2);
    const made = tensor(array, { device });
    array[0] = 9;
    assert.equal([...await made.data()], [1, 2]);
  });

  test("tensor() takes empty ones", async () => {
    for (const made of [tensor([], { device }), tensor([[], []], { device })]) {
      assert.is(made.size, 0);
      assert.is((await made.data()).length, 0);
    }
    assert.equal(tensor([[], []], { device }).shape, [2, 0]);
    assert.equal(tensor([], { device, shape: [3, 0] }).shape, [3, 0]);
  });

  test("tensor() takes a shape and a type", async () => {
    const made = tensor([1, 2, 3, 4, 5, 6], { device, shape: [2, 3], dtype: "i32" });
    assert.equal(made.shape, [2, 3]);
    assert.equal(await made.data(), Int32Array.of(1, 2, 3, 4, 5, 6));
    assert.equal(
      await tensor(Int32Array.of(3), { device, dtype: "f32" }).data(),
      Float32Array.of(3),
    );
  });

  test("tensor() knows the bounds of integers", () => {
    assert.equal(tensor(Int32Array.of(3, -7, 5), { device }).buffer.bounds, [-7, 5]);
    assert.equal(tensor([3, 1], { device, dtype: "u32" }).buffer.bounds, [1, 3]);
    assert.is(tensor([3, 1], { device }).buffer.bounds, undefined);
    assert.is(tensor(new Int32Array(0), { device }).buffer.bounds, undefined);
    const reshaped = tensor(Int32Array.of(3, 1), { device }).reshape([2, 1]);
    assert.equal(reshaped.buffer.bounds, [1, 3]);
  });

  test("tensor() refuses ragged numbers", () => {
    const ragged = [[[1, 2], [3]], [[1], 2], [1, [2]], [[], [1]], [[[1]], [1]]];
    for (const values of ragged) {
      assert.throws(() => tensor(values, { device }), isA(ShapeError, /ragged numbers: found/));
    }
    assert.throws(() => tensor([[1, 2], [3]], { device }), /found 1 items where \[2\] is due/);
    assert.throws(() => tensor([[1], 2], { device }), /found a number where \[1\] is due/);
  });

  test("tensor() refuses shapes that do not fit", () => {
    assert.throws(
      () => tensor([1, 2, 3], { device, shape: [2, 2] }),
      isA(ShapeError, /shape \[2, 2\] from 3 numbers: 4 are needed/),
    );
    assert.throws(
      () => tensor([1], { device, shape: [-1] }),
      isA(ShapeError, /whole numbers >= 0/),
    );
    assert.throws(() => tensor([1], { device, shape: [0.5, 2] }), isA(ShapeError));
  });

  test("full(), zeros(), ones() and arange() fill", async () => {
    assert.equal(await full([2, 2], -1.5, { device }).toArray(), [[-1.5, -1.5], [-1.5, -1.5]]);
    assert.equal(await zeros([3], { device }).toArray(), [0, 0, 0]);
    assert.equal(await ones([1, 2], { device, dtype: "u32" }).data(), Uint32Array.of(1, 1));
    assert.equal(await arange(4, { device, dtype: "i32" }).data(), Int32Array.of(0, 1, 2, 3));
    assert.is(await full([], 7, { device }).item(), 7);
    assert.equal(zeros([0, 5], { device }).shape, [0, 5]);
    assert.throws(() => zeros([2, -1], { device }), isA(ShapeError));
    assert.throws(() => arange(-1, { device }), isA(ShapeError, /with shape \[-1\]/));
  });

  test("requiresGrad is for floating-point types", () => {
    assert.ok(zeros([2], { device, requiresGrad: true }).requiresGrad);
    assert.ok(rand([2], { device, random: new RandomStream(1), requiresGrad: true }).isLeaf);
    assert.throws(
      () => zeros([2], { device, dtype: "i32", requiresGrad: true }),
      isA(GradientError, /type i32: the type must be f32 or f64/),
    );
  });

  if (!device.dtypes.includes("f64")) {
    test("f64 is refused where the device has none", () => {
      const pattern = new RegExp(
        `type f64 on the ${device.backend} device: it holds f32, i32, u32`,
      );
      const refused = isA(DTypeError, pattern);
      assert.throws(() => tensor(Float64Array.of(1), { device }), refused);
      assert.throws(() => tensor([1], { device, dtype: "f64" }), refused);
      assert.throws(() => zeros([2], { device, dtype: "f64" }), refused);
      const random = new RandomStream(1);
      assert.throws(() => rand([2], { device, random, dtype: "f64" }), refused);
      assert.throws(() => randn([2], { device, random, dtype: "f64" }), refused);
    });
  }

  test("gives back what it took", () => {
    const before = device.ledger.buffers;
    const made = [
      tensor([1, 2], { device }),
      ones([3], { device }),
      rand([4], { device, random: new RandomStream(1) }),
      randn([4], { device, random: new RandomStream(1) }),
    ];
    assert.is(device.ledger.buffers, before + made.length);
    for (const one of made) one.dispose();
    assert.is(device.ledger.buffers, before);
  });

  test.run();
});

const precise = suite("creation in f64");

precise("tensor() of a Float64Array is f64", async () => {
  const made = tensor(Float64Array.of(0.1), { device: reference });
  assert.is(made.dtype, "f64");
  assert.equal(await made.data(), Float64Array.of(0.1));
});

precise("seeds are whole numbers from 0 to 2^53 - 1", () => {
  for (const seed of [-1, 0.5, NaN, 2 ** 53]) {
    assert.throws(
      () => rand([1], { random: new RandomStream(seed) }),
      isA(RangeError, /Cannot seed .*must be a whole number from 0 to 2\^53 - 1/),
    );
  }
  assert.ok(new RandomStream(2 ** 53 - 1));
});

precise.run();
