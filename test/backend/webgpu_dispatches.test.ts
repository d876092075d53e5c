// What the measured steps ask of a GPU, counted on a device that computes nothing: dispatches, and
// that a replay makes nothing. The budgets are those of the design.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { attacking, oneStep, tenSteps } from "../../bench/steps/attacking.ts";
import { resNet8, smallCnn } from "../../bench/steps/networks.ts";
import { training } from "../../bench/steps/training.ts";
import { fgm, type SettledAttack } from "../../src/attacks/mod.ts";
import type { WebGpuDevice } from "../../src/backend/mod.ts";
import { Adam, Linear, resnet18, resnet20, resnet8 } from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import { capture, Captures, rand, type Tensor, tensor } from "../../src/tensor/mod.ts";
import { nullDevice } from "../support/null_gpu.ts";

const test = suite("dispatches of a step");

const NAMES = [
  "dispatches",
  "passes",
  "submits",
  "bindGroups",
  "buffersMade",
  "pipelines",
] as const;

type Counts = Readonly<Record<typeof NAMES[number] | "writes", number>>;

/** What a step does once everything is made. */
async function countsOf(device: WebGpuDevice, step: () => Promise<void>): Promise<Counts> {
  for (let i = 0; i < 4; i++) await step();
  const names = [...NAMES, "writes"] as const;
  const read = () => names.map((name) => device.ledger.counters.get(name) ?? 0);
  const before = read();
  await step();
  const after = read();
  return Object.fromEntries(names.map((name, i) => [name, after[i]! - before[i]!])) as Counts;
}

/** Within the budget of dispatches, with one pass and one submit, and nothing made. */
function assertBudget(what: string, counts: Counts, most: number): void {
  const { dispatches, passes, submits, writes, ...made } = counts;
  assert.ok(dispatches <= most, `${what}: ${dispatches} dispatches, at most ${most}`);
  assert.equal([passes, submits], [1, 1], what);
  assert.ok(writes <= 2, `${what}: ${writes} writes`);
  assert.equal(made, { bindGroups: 0, buffersMade: 0, pipelines: 0 }, what);
}

for (const [name, task, most] of [["W3", smallCnn, 25], ["W5", resNet8, 70]] as const) {
  test(`${name}, a training step, takes at most ${most}`, async () => {
    const device = nullDevice(), { step } = training(task, { captured: true })(device);
    assertBudget(name, await countsOf(device, async () => void await step()), most);
  });
}

for (
  const [name, make, beside] of [
    ["W3", training(smallCnn, { captured: true }), 0],
    ["W4", attacking(oneStep, { captured: true }), 1],
    ["W5", training(resNet8, { captured: true }), 0],
  ] as const
) {
  test(`${name}: a plan takes at most 1.1 of what lives at the same time`, async () => {
    const device = nullDevice(), { step } = make(device);
    for (let i = 0; i < 4; i++) await step();
    const [planned, least, besides] = ["plannedBytes", "leastPlannedBytes", "dispatchesBeside"]
      .map((name) => device.ledger.counters.get(name)!);
    assert.ok(least! > 1e6, `${least} bytes`);
    assert.ok(planned! <= 1.1 * least!, `${planned} bytes, ${least} live at the same time`);
    // What is read beside what is written is bound as writable, which may cost a GPU some time.
    assert.is(besides, beside);
  });
}

test("W4, FGSM, takes at most 14, and so does every step of PGD", async () => {
  const count = async (attack: SettledAttack): Promise<Counts> => {
    const device = nullDevice(), { step } = attacking(attack, { captured: true })(device);
    return await countsOf(device, async () => {
      (await step() as Tensor).dispose();
      await device.sync();
    });
  };
  assertBudget("FGSM", await count(oneStep), 14);
  assertBudget("FGM", await count(fgm.with({ eps: 1, loss: "crossEntropy" })), 14);
  const { dispatches } = await count(tenSteps);
  assert.ok(dispatches <= 140, `${dispatches} dispatches in ten steps`);
});

for (const [make, most] of [[resnet8, 35], [resnet20, 81]] as const) {
  test(`FGSM on ${make.name} has no batch normalization left, and takes at most ${most}`, async () => {
    const device = nullDevice(), random = new RandomStream(1), captures = new Captures();
    const model = make({ random, device }).eval(), x = rand([2, 32, 32, 3], { random, device });
    const labels = tensor(Int32Array.of(0, 1), { device });
    const counts = await countsOf(device, async () => {
      oneStep.perturb(model, x, labels, { captures }).dispose();
      await device.sync();
    });
    assertBudget(make.name, counts, most);
    assert.equal([...device.ledger.calls.keys()].filter((it) => it.startsWith("batchNorm")), []);
  });
}

test("a training step of ResNet-18 takes at most 190", async () => {
  const device = nullDevice(), random = new RandomStream(1);
  const model = resnet18({ random, device });
  const optimizer = new Adam(model.parameters(), { lr: 0.1 });
  const learn = capture((images: Tensor, labels: Tensor) => {
    optimizer.zeroGrad();
    model.forward(images).crossEntropy(labels).backward();
    optimizer.step();
  });
  const images = rand([2, 32, 32, 3], { random, device });
  const labels = tensor(Int32Array.of(0, 1), { device });
  const counts = await countsOf(device, async () => {
    tidy(() => learn(images, labels));
    await device.sync();
  });
  assertBudget("ResNet-18", counts, 190);
});

test("an optimiser moves all parameters in one dispatch", () => {
  const device = nullDevice(), random = new RandomStream(1);
  const layers = Array.from({ length: 12 }, () => new Linear(5, 5, { random, device }));
  const optimizer = new Adam(layers.flatMap((layer) => [...layer.parameters().values()]));
  const step = capture((x: Tensor) => {
    optimizer.zeroGrad();
    layers.reduce((y, layer) => layer.forward(y), x).sum().backward();
    optimizer.step();
  });
  const x = rand([3, 5], { random, device });
  for (let i = 0; i < 3; i++) tidy(() => step(x));
  const before = device.ledger.callsOf("adam");
  tidy(() => step(x));
  assert.is(device.ledger.callsOf("adam") - before, 1);
});

test.run();
