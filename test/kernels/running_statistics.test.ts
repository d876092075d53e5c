import { test } from "uvu";
import * as assert from "uvu/assert";
import { DTypeError, ShapeError } from "../../src/errors.ts";
import { runningStatistics } from "../../src/kernels/mod.ts";
import { reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { numbers } from "../support/numbers.ts";
import { host } from "../support/parity.ts";
import { assertUpdateParity, updateOn } from "../support/updates.ts";

test("runningStatistics moves towards the batch, with its variance divided by n - 1", async () => {
  const [mean, variance] = await updateOn(reference, runningStatistics, {
    inputs: [host([2], [1, 2], "f64"), host([2], [3, 6], "f64")],
    state: [host([2], [0, 4], "f64"), host([2], [0, 4], "f64")],
    params: { momentum: 0.25, count: 4 },
  });
  assert.equal(mean, [0.25, 3.5]);
  assert.equal(variance, [1, 5]);
});

test("runningStatistics is the same on WebGPU", async () => {
  for (const size of [0, 1, 3, 64, 65, 512, 1031]) {
    const tensors = [1, 2, 3, 4].map((seed) => host([size], numbers(size, seed)));
    for (const params of [{ momentum: 0.1, count: 2 }, { momentum: 1, count: 1000 }]) {
      await assertUpdateParity(
        runningStatistics,
        { inputs: tensors.slice(0, 2), state: tensors.slice(2), params, times: 3 },
        { rtol: 1e-6, atol: 2e-7 },
      );
    }
  }
});

test("runningStatistics refuses operands that do not fit", () => {
  const spec = (size: number, dtype: "f32" | "f64" | "i32" = "f32") => ({ shape: [size], dtype });
  const outputs = (inputs: ReturnType<typeof spec>[], count = 2) => () => {
    runningStatistics.outputs(inputs, { momentum: 0.1, count });
  };
  assert.throws(outputs([spec(3), spec(4)]), isA(ShapeError, /\[3\] and \[4\]/));
  assert.throws(outputs([spec(3), spec(3, "f64")]), isA(DTypeError, /f32 and f64/));
  assert.throws(outputs([spec(3, "i32"), spec(3, "i32")]), isA(DTypeError, /i32/));
  assert.throws(outputs([spec(3), spec(3)], 1), isA(RangeError, /1 value per channel/));
});

test.run();
