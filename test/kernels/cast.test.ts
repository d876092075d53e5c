import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { DTypeError } from "../../src/errors.ts";
import { tensor } from "../../src/tensor/mod.ts";
import { forEachDevice, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { sample } from "../support/numbers.ts";

forEachDevice((device, label) => {
  const test = suite(`cast on ${label}`);

  test("cuts fractions off, and stops at the ends of integer types", async () => {
    const x = tensor([0, -0, 1.9, -1.9, 2.5, 1e9, -1e9, 3e9, 1e20, -1e20], { device });
    const most = 2 ** 31 - 128, least = -(2 ** 31);
    assert.equal(
      [...await x.cast("i32").data()],
      [0, 0, 1, -1, 2, 1e9, -1e9, most, most, least],
    );
    assert.equal(
      [...await x.cast("u32").data()],
      [0, 0, 1, 0, 2, 1e9, 0, 3e9, 2 ** 32 - 256, 0],
    );
  });

  test("keeps the bits between integer types", async () => {
    const x = tensor(Int32Array.of(-1, 5, -(2 ** 31)), { device });
    assert.equal(await x.cast("u32").data(), Uint32Array.of(2 ** 32 - 1, 5, 2 ** 31));
    assert.equal(await x.cast("u32").cast("i32").data(), await x.data());
  });

  test("gives integers as floating-point numbers", async () => {
    const x = tensor(Int32Array.of(-3, 0, 16_777_216), { device });
    assert.equal(await x.cast("f32").data(), Float32Array.of(-3, 0, 16_777_216));
    assert.equal(
      await tensor(Uint32Array.of(4e9), { device }).cast("f32").data(),
      Float32Array.of(4e9),
    );
    assert.equal(tensor(new Int32Array(0), { device }).cast("f32").shape, [0]);
  });

  test("is the same tensor when nothing changes, and refuses what the device lacks", () => {
    const x = tensor([1], { device });
    assert.is(x.cast("f32").buffer, x.buffer);
    if (!device.dtypes.includes("f64")) assert.throws(() => x.cast("f64"), isA(DTypeError));
  });

  test.run();
});

test("cast() between floating-point types passes gradcheck to second order", async () => {
  const x = sample([2, 3], 2, { device: reference, dtype: "f64" });
  await gradcheck((x) => x.square().cast("f64").mul(3), [x], { order: 2 });
  const single = sample([3], 2, { device: reference });
  single.requiresGrad = true;
  await gradcheck((x) => x.cast("f64").square(), [single], { order: 2 });
});

test("cast() keeps the bounds of integers that are the same in both types", () => {
  assert.equal(tensor(Int32Array.of(3, 1)).cast("u32").buffer.bounds, [1, 3]);
  assert.is(tensor(Int32Array.of(-3, 1)).cast("u32").buffer.bounds, undefined);
  assert.is(tensor(Uint32Array.of(2 ** 31)).cast("i32").buffer.bounds, undefined);
});

test("cast() to an integer type is piecewise constant", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  assert.ok(x.cast("f64").requiresGrad);
  assert.not(x.cast("i32").requiresGrad);
  assert.not(x.cast("i32").cast("f32").requiresGrad);
});

test.run();
