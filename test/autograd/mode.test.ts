import { test } from "uvu";
import * as assert from "uvu/assert";
import { isRecording, noGrad, withRecording } from "../../src/autograd/mod.ts";
import { GradientError } from "../../src/errors.ts";
import { isA, says } from "../support/errors.ts";

test("noGrad() switches recording off for the time of a function", () => {
  assert.ok(isRecording());
  assert.equal(noGrad(() => [isRecording(), withRecording(true, isRecording), isRecording()]), [
    false,
    true,
    false,
  ]);
  assert.ok(isRecording());
});

test("noGrad() switches recording back on after an error", () => {
  assert.throws(() =>
    noGrad(() => {
      throw new RangeError("stop");
    }), isA(RangeError, /stop/));
  assert.ok(isRecording());
});

test("noGrad() refuses asynchronous functions", () => {
  assert.throws(
    () => noGrad(() => Promise.resolve()),
    says(
      GradientError,
      "Cannot switch recording for an asynchronous function: " +
        "the switch would be back before it ends; wait for data outside",
    ),
  );
  assert.ok(isRecording());
});

test.run();
