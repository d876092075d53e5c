import { test } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { sample } from "../support/numbers.ts";

test("squeeze() and unsqueeze() take away and add axes of size 1", () => {
  const x = sample([1, 3, 1, 2], 1, { device: reference });
  assert.equal(x.squeeze().shape, [3, 2]);
  assert.equal(x.squeeze(0).shape, [3, 1, 2]);
  assert.equal(x.squeeze([0, -2]).shape, [3, 2]);
  assert.throws(() => x.squeeze(1), /axis 1 of a tensor of shape \[1, 3, 1, 2\]: its size is 3/);
  assert.equal(x.unsqueeze(0).shape, [1, 1, 3, 1, 2]);
  assert.equal(x.unsqueeze(-1).shape, [1, 3, 1, 2, 1]);
  assert.throws(() => x.unsqueeze(5), isA(RangeError));
});

test("squeeze() and unsqueeze() pass gradcheck to second order", async () => {
  const x = sample([1, 3], 1, { device: reference, dtype: "f64" });
  await gradcheck((x) => x.squeeze(0).square().unsqueeze(-1), [x], { order: 2 });
});

test.run();
