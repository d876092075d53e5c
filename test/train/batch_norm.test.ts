// updateBatchNorm() gives batch norm the mean of the statistics of all batches.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BatchNorm2d, Flatten, Linear, Sequential } from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import type { Dataset } from "../../src/data/mod.ts";
import { updateBatchNorm } from "../../src/train/mod.ts";
import { assertClose, forEachDevice } from "../support/devices.ts";
import { isA, rejects } from "../support/errors.ts";

/** Seven images of 2 x 2 with two channels. */
const data: Dataset = {
  name: "numbers",
  pixels: Uint8Array.from({ length: 7 * 8 }, (_, i) => (i * 37) % 256),
  labels: new Uint8Array(7),
  ids: Uint32Array.from({ length: 7 }, (_, i) => i),
  imageShape: [2, 2, 2],
  classes: ["all"],
};

/** Mean and unbiased variance of one channel of images from..to. */
function statistics(channel: number, from: number, to: number) {
  const values = [...data.pixels.subarray(8 * from, 8 * to)]
    .filter((_, i) => i % 2 === channel).map((value) => value / 255);
  const mean = values.reduce((a, b) => a + b) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / (values.length - 1) };
}

forEachDevice((device, label) => {
  const test = suite(`updateBatchNorm() on ${label}`);

  test("the mean over the batches replaces what was, and nothing else changes", async () => {
    const random = new RandomStream(1), norm = new BatchNorm2d(2, { device, momentum: 0.3 });
    const model = new Sequential(norm, new Flatten(), new Linear(8, 1, { random, device }));
    model.eval();
    const weights = await norm.weight.data();
    for (let round = 0; round < 2; round++) {
      await updateBatchNorm(model, data, { batchSize: 3 });
      const parts = [[0, 3], [3, 6], [6, 7]] as const;
      for (const channel of [0, 1]) {
        const all = parts.map(([from, to]) => statistics(channel, from, to));
        const mean = all.reduce((sum, it) => sum + it.mean, 0) / 3;
        const variance = all.reduce((sum, it) => sum + it.variance, 0) / 3;
        assertClose([(await norm.runningMean.data())[channel]!], [mean]);
        assertClose([(await norm.runningVariance.data())[channel]!], [variance]);
      }
    }
    assert.equal([norm.momentum, model.training, norm.training], [0.3, false, false]);
    assert.equal(await norm.weight.data(), weights);
    model.dispose();
  });

  test("some batches are enough, and it can be stopped", async () => {
    const norm = new BatchNorm2d(2, { device });
    await updateBatchNorm(norm, data, { batchSize: 3, batches: 1 });
    const { mean } = statistics(1, 0, 3);
    assertClose([(await norm.runningMean.data())[1]!], [mean]);
    const signal = AbortSignal.abort(new Error("enough"));
    await rejects(updateBatchNorm(norm, data, { signal }), isA(Error, /enough/));
    assert.equal([norm.momentum, norm.training], [0.1, true]);
    norm.dispose();
  });

  test.run();
});
