import { test } from "uvu";
import * as assert from "uvu/assert";
import { ShapeError } from "../../src/errors.ts";
import { adam, amsgrad } from "../../src/kernels/mod.ts";
import { assertClose, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { numbers } from "../support/numbers.ts";
import { host } from "../support/parity.ts";
import { assertUpdateParity, updateOn } from "../support/updates.ts";

const SIZES = [0, 1, 3, 63, 64, 65, 1031, 70_001];
/** r, c, w, d, b1, 1 - b1, b2, 1 - b2, eps */
const SCALARS = [0.1, 1.5, 0.99, 0.01, 0.9, 0.1, 0.75, 0.25, 1e-8];

test("adam and amsgrad follow their formula", async () => {
  const inputs = [host([1], [3], "f64"), host([9], SCALARS, "f64")];
  const state = [2, 0.5, 0.25].map((value) => host([1], [value], "f64"));
  const p = 0.99 * 2, g = 3 + 0.01 * p;
  const m = 0.9 * 0.5 + 0.1 * g, s = 0.75 * 0.25 + 0.25 * g * g;
  const at = (square: number) => p - 0.1 * m / (1.5 * Math.sqrt(square) + 1e-8);
  const got = await updateOn(reference, adam, { inputs, state, params: undefined });
  assertClose(got.flat(), [at(s), m, s], { rtol: 1e-14 });
  for (const largest of [1, 1000]) {
    const four = [...state, host([1], [largest], "f64")];
    const top = Math.max(s, largest);
    const kept = await updateOn(reference, amsgrad, { inputs, state: four, params: undefined });
    assertClose(kept.flat(), [at(top), m, s, top], { rtol: 1e-14 });
  }
});

test("adam and amsgrad are the same on WebGPU", async () => {
  for (const size of SIZES) {
    const inputs = [host([size], numbers(size, 1)), host([9], SCALARS)];
    const state = [2, 3, 4, 5].map((seed) => {
      const values = numbers(size, seed);
      return host([size], seed < 4 ? values : values.map(Math.abs));
    });
    const call = { inputs, params: undefined, times: 3 };
    // WGSL allows a square root and a division of 2.5 units in the last place.
    const tolerance = { rtol: 2e-6, atol: 1e-6 };
    await assertUpdateParity(adam, { ...call, state: state.slice(0, 3) }, tolerance);
    await assertUpdateParity(amsgrad, { ...call, state }, tolerance);
  }
});

test("adam refuses scalars that do not fit", () => {
  const f32 = (shape: number[]) => ({ shape, dtype: "f32" as const });
  const wrongCount = isA(ShapeError, /adam with scalars of shape \[2\]: the shape must be \[9\]/);
  assert.throws(() => adam.outputs([f32([5]), f32([2])], undefined), wrongCount);
});

test.run();
