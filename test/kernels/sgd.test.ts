import { test } from "uvu";
import * as assert from "uvu/assert";
import { DTypeError, ShapeError } from "../../src/errors.ts";
import { sgd, sgdMomentum } from "../../src/kernels/mod.ts";
import { reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { numbers } from "../support/numbers.ts";
import { host } from "../support/parity.ts";
import { assertUpdateParity, updateOn } from "../support/updates.ts";

const SIZES = [0, 1, 3, 63, 64, 65, 1031, 70_001];
const RATES = [0.1, 0.01, 0.9, 0.75];

test("sgd moves by the decayed gradient", async () => {
  const [p] = await updateOn(reference, sgd, {
    inputs: [host([2], [1, -1], "f64"), host([4], [0.5, 0.1, 0, 0], "f64")],
    state: [host([2], [10, 20], "f64")],
    params: undefined,
  });
  assert.equal(p, [10 - 0.5 * 2, 20 - 0.5 * 1]);
});

test("sgdMomentum moves by the velocity, and beyond it with Nesterov", async () => {
  for (const nesterov of [false, true]) {
    const [p, v] = await updateOn(reference, sgdMomentum, {
      inputs: [host([2], [1, -1], "f64"), host([4], [0.5, 0.25, 0.5, 0.25], "f64")],
      state: [host([2], [4, 8], "f64"), host([2], [1, -1], "f64")],
      params: { nesterov },
    });
    assert.equal(v, [0.5 + 0.25 * 2, -0.5 + 0.25 * 1]);
    assert.equal(p, nesterov ? [4 - 0.5 * 2.5, 8 - 0.5 * 0.875] : [4 - 0.5, 8 + 0.5 * 0.25]);
  }
});

test("sgd and sgdMomentum are the same on WebGPU", async () => {
  for (const size of SIZES) {
    const inputs = [host([size], numbers(size, 1)), host([4], RATES)];
    const p = host([size], numbers(size, 2)), v = host([size], numbers(size, 3));
    const tolerance = { rtol: 1e-6, atol: 3e-7 };
    const three = { inputs, times: 3 };
    await assertUpdateParity(sgd, { ...three, state: [p], params: undefined }, tolerance);
    for (const nesterov of [false, true]) {
      await assertUpdateParity(
        sgdMomentum,
        { ...three, state: [p, v], params: { nesterov } },
        tolerance,
      );
    }
  }
});

test("sgd and sgdMomentum refuse operands that do not fit", () => {
  const f32 = (shape: number[]) => ({ shape, dtype: "f32" as const });
  const f64 = (shape: number[]) => ({ shape, dtype: "f64" as const });
  const wrongCount = isA(ShapeError, /scalars of shape \[3\]: the shape must be \[4\]/);
  assert.throws(() => sgd.outputs([f32([5]), f32([3])], undefined), wrongCount);
  const mixed = isA(DTypeError, /gradient of type f32 and scalars of type f64/);
  assert.throws(
    () => sgdMomentum.outputs([f32([5]), f64([4])], { nesterov: false }),
    mixed,
  );
});

test.run();
