import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadModel, modelCost, type ModelName, models, saveModel, SGD } from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import { rand, type Tensor, tensor } from "../../src/tensor/mod.ts";
import golden from "../fixtures/models.json" with { type: "json" };
import { assertClose, cpu as device } from "../support/devices.ts";
import { checkpointOf, uniform } from "./model_fixture.ts";

const test = suite("models");
const names = Object.keys(models) as ModelName[];

for (const { name, shape, logits, ...cost } of golden.cases) {
  const channels = shape[3]!;
  const options = { random: new RandomStream(1), channels, device };

  test(`${name} of ${channels} channels has PyTorch's logits and cost`, async () => {
    using model = models[name as ModelName].create(options);
    loadModel(model, checkpointOf(model));
    model.eval();
    const size = shape.reduce((a, b) => a * b, 1);
    const x = tensor(Float32Array.from(uniform("images", size), (u) => u + 0.5), { shape, device });
    const got = await tidy(() => model.forward(x)).data();
    const largest = Math.max(...logits.map(Math.abs));
    assertClose(got, logits, { rtol: 1e-4, atol: 2e-5 * largest }, "logits");
    assert.equal(modelCost(model, shape.slice(1)), cost);
    x.dispose();
  });
}

for (const name of names) {
  const { input, cost, create } = models[name];
  const channels = input[2];

  test(`the table says what ${name} costs`, () => {
    const found = golden.cases.find((it) => it.name === name && it.shape[3] === channels)!;
    const { parameters, flops, activations } = found;
    assert.equal(cost, { parameters, flops, activations });
  });

  test(`a step of training lowers the loss of ${name}`, async () => {
    using model = create({ random: new RandomStream(5), channels, device });
    const side = name === "smallCnn" ? 28 : 16;
    const x = rand([4, side, side, channels], { random: new RandomStream(6), device });
    const labels = tensor(Uint32Array.of(0, 3, 6, 9), { device });
    const optimizer = new SGD(model.parameters(), { lr: 0.01 });
    const loss = (): Tensor => tidy(() => model.forward(x).crossEntropy(labels));
    const first = loss();
    first.backward();
    optimizer.step();
    const [before, after] = [await first.item(), await loss().item()];
    assert.ok(before > 0.5 && after < before, `${before} to ${after}`);
  });
}

test("a seed decides the weights", async () => {
  const bytes = await Promise.all([7, 7, 8].map((seed) => {
    return saveModel(models.resnet8.create({ random: new RandomStream(seed), device }));
  }));
  assert.equal(bytes[0], bytes[1]);
  assert.not.equal(bytes[0], bytes[2]);
});

test.run();
