import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  Adam,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  Linear,
  MaxPool2d,
  type Module,
  type Optimizer,
  ReLU,
  Sequential,
  SGD,
  smallCnn,
} from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import { rand, type Tensor, tensor } from "../../src/tensor/mod.ts";
import golden from "../fixtures/small_cnn_step.json" with { type: "json" };
import { assertClose, forEachDevice } from "../support/devices.ts";
import { GOLDEN_NAMES, GoldenNet, load, type Stored } from "../support/golden_net.ts";

/** Relative to the largest value of the tensor: gradients cancel in some elements. */
function assertNear(got: ArrayLike<number>, { data }: Stored, what: string): void {
  const largest = Math.max(...data.map(Math.abs));
  assertClose(got, data, { rtol: 1e-4, atol: 2e-5 * largest + 1e-7 }, what);
}

/** A step of training on random images. */
function step(model: Module, optimizer: Optimizer, random: RandomStream): void {
  tidy(() => {
    const { device } = [...optimizer.parameters.values()][0]!;
    const x = rand([3, 10, 10, 1], { random, device });
    const labels = tensor(Uint32Array.of(1, 5, 9), { device });
    model.forward(x).crossEntropy(labels).backward();
    optimizer.step();
    optimizer.zeroGrad();
  });
}

forEachDevice((device, label) => {
  const test = suite(`training on ${label}`);

  test("three steps of a small CNN are PyTorch's", async () => {
    const model = new GoldenNet(golden.start, device);
    const optimizer = new SGD(model.parameters(), golden.options);
    const x = load(golden.x, device);
    const labels = tensor(Uint32Array.from(golden.labels.data), { device });
    for (const [i, wanted] of golden.steps.entries()) {
      const logits = model.forward(x);
      const loss = logits.crossEntropy(labels);
      loss.backward();
      assertNear(await logits.data(), wanted.logits, `logits of step ${i}`);
      assertClose([await loss.item()], [wanted.loss], { rtol: 1e-5 }, `loss of step ${i}`);
      const gradients: Readonly<Record<string, Stored>> = wanted.gradients;
      for (const [name, parameter] of model.parameters()) {
        const stored = gradients[GOLDEN_NAMES[name]!]!;
        assertNear(await parameter.grad!.data(), stored, `gradient of ${name} in step ${i}`);
      }
      optimizer.step();
      optimizer.zeroGrad();
      const after: Readonly<Record<string, Stored>> = wanted.after;
      for (const [name, tensor] of Object.entries(model.stateDict())) {
        const stored = after[GOLDEN_NAMES[name]!]!;
        assertNear(await tensor.data(), stored, `${name} after step ${i}`);
      }
    }
    const { "bn.runningMean": mean } = model.eval().stateDict();
    const before = await mean!.data();
    assertNear(await model.forward(x).data(), golden.evalLogits, "logits of evaluation");
    assert.equal(await mean!.data(), before);
  });

  test("memory is flat over 200 steps", () => {
    const options = { random: new RandomStream(1), device };
    const model = new Sequential(
      new Conv2d(1, 2, 3, { ...options, stride: 2 }),
      new BatchNorm2d(2, { device }),
      new ReLU(),
      new MaxPool2d(2),
      new Flatten(),
      new Dropout(0.2, options),
      new Linear(8, 10, options),
    );
    const { ledger } = device;
    const optimizer = new Adam(model.parameters());
    const counts: number[][] = [];
    for (let i = 1; i <= 200; i++) {
      step(model, optimizer, options.random);
      if (i === 10 || i === 200) counts.push([ledger.buffers, ledger.bytes]);
    }
    assert.equal(counts[1], counts[0]);
    optimizer.dispose();
    model.dispose();
  });

  test("smallCnn() learns a handful of images by heart", async () => {
    const model = smallCnn({ random: new RandomStream(3), device });
    const optimizer = new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
    const losses: Tensor[] = [];
    for (let i = 0; i < 12; i++) {
      losses.push(tidy(() => {
        const x = rand([8, 28, 28, 1], { random: new RandomStream(4), device });
        const labels = tensor(Uint32Array.of(0, 1, 2, 3, 4, 5, 6, 7), { device });
        const loss = model.forward(x).crossEntropy(labels);
        loss.backward();
        optimizer.step();
        optimizer.zeroGrad();
        return loss.detach();
      }));
    }
    const [first, last] = [await losses[0]!.item(), await losses.at(-1)!.item()];
    assert.ok(first > 2 && last < first - 0.2, `${first} to ${last}`);
  });

  test.run();
});
