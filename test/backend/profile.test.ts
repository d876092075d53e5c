// The counting device: exact counts of steps made by hand, on every backend.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { profile } from "../../src/backend/mod.ts";
import { SGD } from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import { capture, rand, type Tensor, tensor } from "../../src/tensor/mod.ts";
import { forEachDevice, reference, webgpu } from "../support/devices.ts";
import { rejects, says } from "../support/errors.ts";

const NOTHING = {
  kernelCalls: 0,
  dispatches: 0,
  passes: 0,
  submits: 0,
  buffersMade: 0,
  bindGroupsMade: 0,
  pipelinesMade: 0,
  writes: 0,
  bytesWritten: 0,
  bytesRead: 0,
  readbacks: 0,
};

forEachDevice((device, label) => {
  const test = suite(`profile, ${label}`);
  const gpu = device.backend === "webgpu";

  test("profile() counts nothing when the step does nothing", async () => {
    const { counts, kernels, calls, hostSecondsPerDispatch } = await profile(device, () => {});
    assert.equal(counts, NOTHING);
    assert.equal([kernels, calls, hostSecondsPerDispatch], [{}, [], null]);
  });

  test("profile() counts the kernel calls of a step", async () => {
    const x = rand([6, 5], { random: new RandomStream(1), device });
    const found = await profile(device, () => tidy(() => void x.mul(x).exp().mul(x)));
    assert.equal(found.counts, {
      ...NOTHING,
      kernelCalls: 3,
      ...gpu ? { dispatches: 3, passes: 1, submits: 1 } : {},
    });
    assert.equal(found.kernels, { mul: 2, exp: 1 });
    assert.equal(found.calls.map(({ kernel }) => kernel.name), ["mul", "exp", "mul"]);
    assert.equal(found.calls[1]!.inputs, [{ shape: [6, 5], dtype: "f32" }]);
    assert.is(found.unseenCalls, 0);
    assert.is(found.backend, device.backend);
    // Browsers round their clock.
    assert.ok(found.hostSeconds >= 0 && found.seconds >= found.hostSeconds);
    if (gpu) assert.is(found.hostSecondsPerDispatch, found.hostSeconds / 3);
    x.dispose();
  });

  test("profile() counts bytes to the device and back", async () => {
    const { counts } = await profile(device, async () => {
      const x = tensor([1, 2, 3, 4, 5], { device });
      await x.data();
      x.dispose();
    });
    assert.equal([counts.bytesWritten, counts.bytesRead, counts.readbacks], [20, 20, 1]);
    assert.is(counts.writes, gpu ? 1 : 0);
  });

  test("profile() lists the calls of a replay", async () => {
    const x = rand([6, 5], { random: new RandomStream(1), device });
    const step = capture((x: Tensor) => x.matmul(x.transpose()).sum(), { reuse: true });
    const { kernels, calls, counts, unseenCalls } = await profile(device, () => void step(x));
    assert.ok(step.replays > 0);
    assert.is(kernels["matmul"], 1);
    assert.is(calls.filter(({ kernel }) => kernel.name === "matmul").length, 1);
    assert.is(calls.length, counts.kernelCalls);
    assert.is(unseenCalls, 0);
    assert.equal([counts.buffersMade, counts.bindGroupsMade, counts.pipelinesMade], [0, 0, 0]);
    if (gpu) assert.equal([counts.passes, counts.submits], [1, 1]);
    step.dispose();
    x.dispose();
  });

  test("profile() lists calls that a device runs as one as it runs them", async () => {
    const random = new RandomStream(1);
    const parameters = [2, 3, 4].map((size) =>
      rand([size], { random, requiresGrad: true, device })
    );
    const optimizer = new SGD(parameters, { lr: 0.1 });
    const x = rand([1], { random, device });
    const step = capture((x: Tensor) => {
      optimizer.zeroGrad();
      for (const parameter of parameters) parameter.mul(x).sum().backward();
      optimizer.step();
    });
    const { calls, counts, kernels, unseenCalls } = await profile(device, () => step(x));
    assert.is(unseenCalls, 0);
    assert.is(calls.length, counts.kernelCalls);
    const steps = calls.filter(({ kernel }) => kernel.name === "sgd");
    assert.is(steps.length, kernels["sgd"]);
    // A GPU's parameters are gathered, each at a multiple of 256 bytes, and moved in one call.
    const written = steps.flatMap(({ outputs }) => outputs.map(({ shape }) => shape[0]));
    assert.equal(written, gpu ? [3 * 64] : [2, 3, 4]);
    for (const held of [step, optimizer, x, ...parameters]) held.dispose();
  });

  test("profile() leaves the device as it was", async () => {
    const methods = ["run", "prepare", "upload", "write", "read"];
    await profile(device, () => {}, { steps: 1 });
    assert.not(methods.some((name) => Object.hasOwn(device, name)));
    await profile(device, () => {
      throw new Error("no step");
    }).catch(() => {});
    assert.not(methods.some((name) => Object.hasOwn(device, name)));
  });

  test.run();
});

const test = suite("profile");

test("profile() runs the step as often as it says", async () => {
  let runs = 0;
  await profile(reference, () => void runs++, { warmup: 2, steps: 4 });
  assert.is(runs, 2 + 1 + 4);
});

test("profile() gives the median time of a step in seconds", async () => {
  let steps = 0, time = 0;
  // A clock of our own: a busy machine would make every step longer.
  Object.defineProperty(performance, "now", { configurable: true, value: () => time });
  try {
    const { hostSeconds, leastHostSeconds, seconds } = await profile(reference, () => {
      time += [50, 50, 4, 1, 3, 30, 5][steps++]!;
    }, { warmup: 1, steps: 5 });
    assert.is(steps, 7);
    assert.ok(Math.abs(hostSeconds - 0.004) < 1e-9, `${hostSeconds} s`);
    assert.ok(Math.abs(leastHostSeconds - 0.001) < 1e-9, `${leastHostSeconds} s`);
    assert.ok(seconds >= hostSeconds);
  } finally {
    // What lies on the prototype shows again.
    delete (performance as { now?: unknown }).now;
  }
});

test("profile() says how many calls it could not see", async () => {
  const device = webgpu;
  if (device === undefined) return;
  const x = rand([6, 5], { random: new RandomStream(1), device });
  const step = capture((x: Tensor) => x.exp(), { reuse: true });
  for (let i = 0; i < 3; i++) step(x);
  const { unseenCalls, counts, calls } = await profile(device, () => void step(x));
  assert.ok(counts.kernelCalls > 0);
  assert.is(unseenCalls, counts.kernelCalls - calls.length);
  assert.ok(unseenCalls >= 1);
  step.dispose();
  x.dispose();
});

test("profile() refuses counts that cannot be, and captured functions", async () => {
  const step = () => {};
  const must = "it must be a whole number >=";
  for (
    const [options, what] of [
      [{ steps: 0 }, `steps 0: ${must} 1`],
      [{ steps: 1.5 }, `steps 1.5: ${must} 1`],
      [{ warmup: -1 }, `warmup -1: ${must} 0`],
    ] as const
  ) {
    const message = `Cannot profile a step with ${what}`;
    await rejects(profile(reference, step, options), says(RangeError, message));
  }
  let message = "";
  const x = tensor([1], { device: reference });
  capture((x: Tensor) => {
    profile(reference, step).catch((error: Error) => message = error.message);
    return x.exp();
  })(x);
  await new Promise((resolve) => setTimeout(resolve));
  assert.match(message, "Cannot profile a step inside of a captured function");
});

test.run();
