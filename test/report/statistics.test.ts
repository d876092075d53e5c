import { suite } from "uvu";
import * as assert from "uvu/assert";
import { wilson } from "../../src/report/statistics.ts";

const test = suite("statistics");

// Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17
// (1998), table I, method 3: four decimals.
const published: readonly (readonly [number, number, number, number])[] = [
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
];

test("wilson() gives the published intervals", () => {
  for (const [successes, trials, low, high] of published) {
    const estimate = wilson(successes, trials);
    assert.is(estimate.value, successes / trials);
    assert.is(estimate.low.toFixed(4), low.toFixed(4), `low of ${successes} / ${trials}`);
    assert.is(estimate.high.toFixed(4), high.toFixed(4), `high of ${successes} / ${trials}`);
  }
});

test("wilson() ends exactly at 0 and 1 and mirrors successes and failures", () => {
  for (const trials of [1, 7, 1000, 12345]) {
    assert.is(wilson(0, trials).low, 0);
    assert.is(wilson(trials, trials).high, 1);
    assert.ok(wilson(trials, trials).low < 1);
    const { low } = wilson(Math.floor(trials / 3), trials);
    const { high } = wilson(trials - Math.floor(trials / 3), trials);
    assert.ok(Math.abs(low - (1 - high)) < 1e-12);
  }
});

test("wilson() narrows with trials and widens with z", () => {
  const width = (trials: number, z?: number) => {
    const { low, high } = wilson(trials / 2, trials, z);
    return high - low;
  };
  assert.ok(width(1000) < width(100));
  assert.ok(width(100, 2.576) > width(100));
});

test("wilson() refuses what is no count", () => {
  assert.throws(
    () => wilson(0, 0),
    "Cannot estimate a proportion: trials is 0, it must be 1 or more",
  );
  assert.throws(() => wilson(11, 10), "successes is 11, it must be a whole number in 0..10");
  assert.throws(() => wilson(NaN, 10), "successes is NaN");
  assert.throws(() => wilson(0.5, 10), "successes is 0.5");
});

test.run();
