import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { oneHot } from "../../src/kernels/mod.ts";
import { run, tensor } from "../../src/tensor/mod.ts";
import { forEachDevice } from "../support/devices.ts";
import { isA } from "../support/errors.ts";

forEachDevice((device, label) => {
  const test = suite(`oneHot on ${label}`);

  test("puts a 1 at each label", async () => {
    for (const type of [Int32Array, Uint32Array]) {
      const y = tensor(type.of(2, 0, 1, 2), { device }).oneHot(3);
      assert.is(y.dtype, "f32");
      assert.equal(await y.toArray(), [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]);
    }
  });

  test("adds an axis behind any shape", async () => {
    const square = tensor(Int32Array.of(0, 1, 1, 0), { shape: [2, 2], device });
    assert.equal(square.oneHot(2).shape, [2, 2, 2]);
    assert.equal(await tensor(Int32Array.of(1), { shape: [], device }).oneHot(2).toArray(), [0, 1]);
    assert.equal(tensor(new Int32Array(0), { device }).oneHot(10).shape, [0, 10]);
  });

  test("gives the type asked for", async () => {
    const labels = tensor(Int32Array.of(1), { device });
    assert.equal(await labels.oneHot(2, { dtype: "i32" }).data(), Int32Array.of(0, 1));
    assert.equal(await labels.oneHot(2, { dtype: "u32" }).data(), Uint32Array.of(0, 1));
    if (device.dtypes.includes("f64")) {
      assert.equal(await labels.oneHot(2, { dtype: "f64" }).data(), Float64Array.of(0, 1));
    } else {
      assert.throws(
        () => labels.oneHot(2, { dtype: "f64" }),
        /to type f64.*it holds f32, i32, u32/,
      );
    }
  });

  test("refuses labels known to lie outside; others give zeros", async () => {
    const labels = tensor(Int32Array.of(-1, 3, 1), { device });
    assert.throws(() => labels.oneHot(3), isA(RangeError, /run from -1 to 3: .*from 0 to 2/));
    const [y] = run(oneHot, [labels], { classes: 3, dtype: "f32" });
    assert.equal(await y!.toArray(), [[0, 0, 0], [0, 0, 0], [0, 1, 0]]);
  });

  test("refuses what it cannot mean", () => {
    assert.throws(() => tensor([1, 0], { device }).oneHot(2), /of type f32.*i32 or u32/);
    const labels = tensor(Int32Array.of(0), { device });
    for (const classes of [0, -1, 1.5]) {
      assert.throws(() => labels.oneHot(classes), isA(RangeError));
    }
  });

  test.run();
});

test("oneHot() has no gradient", () => {
  assert.not(tensor(Int32Array.of(0)).oneHot(2).requiresGrad);
});

test.run();
