// ONNX files give in another runtime what the model gives here: onnxruntime-web, in WebAssembly.

import { env, InferenceSession, Tensor as OrtTensor } from "onnxruntime-web";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { exportOnnx, loadModel, type ModelName, models, type Module } from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import { rand } from "../../src/tensor/mod.ts";
import { checkpointOf } from "../nn/model_fixture.ts";
import { EveryOperation, tinyNet } from "../nn/onnx_networks.ts";
import { assertClose, cpu as device } from "../support/devices.ts";

const test = suite("onnx in another runtime");

// Its threads would outlive the tests.
env.wasm.numThreads = 1;

type Image = readonly [height: number, width: number, channels: number];

/**
 * Both round every operation to 2^-24 and sum in another order; over the 20 layers of a ResNet that was measured to be at
 * most 1e-6 of the largest logit. A weight in a wrong place, or a wrong epsilon, changes a hundredth of it at least.
 */
const ROUNDING = 1e-5;

async function assertSame(model: Module, image: Image): Promise<void> {
  const bytes = await exportOnnx(model, { inputShape: image });
  const session = await InferenceSession.create(bytes);
  try {
    assert.equal([session.inputNames, session.outputNames], [["image"], ["logits"]]);
    const [height, width, channels] = image;
    for (const count of [1, 3]) {
      const x = rand([count, ...image], { random: new RandomStream(count), device });
      const want = await tidy(() => model.eval().forward(x)).data();
      const first = await tidy(() => x.permute([0, 3, 1, 2])).data() as Float32Array;
      const fed = new OrtTensor("float32", first, [count, channels, height, width]);
      const { logits } = await session.run({ image: fed });
      assert.equal(logits!.dims, [count, want.length / count]);
      const largest = Math.max(...Array.from(want, Math.abs));
      assert.ok(largest > 0.01, String(largest));
      const got = logits!.data as Float32Array;
      assertClose(got, want, { rtol: 0, atol: ROUNDING * largest }, `${count} images`);
      x.dispose();
    }
  } finally {
    await session.release();
  }
}

for (const name of Object.keys(models) as ModelName[]) {
  for (const channels of [1, 3]) {
    test(`${name} of ${channels} channels gives the same logits`, async () => {
      const side = name === "smallCnn" ? 28 : 32;
      using model = models[name].create({ random: new RandomStream(1), channels, device });
      // Weights and statistics of no special values.
      loadModel(model, checkpointOf(model));
      await assertSame(model, [side, side, channels]);
    });
  }
}

test("flattened images and another epsilon give the same logits", async () => {
  using model = tinyNet(device);
  loadModel(model, checkpointOf(model));
  await assertSame(model, [4, 5, 2]);
});

test("operations that no model uses give the same numbers", async () => {
  using model = new EveryOperation(device);
  await assertSame(model, [9, 12, 3]);
});

test.run();
