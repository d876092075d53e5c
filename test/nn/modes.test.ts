import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { GradientError } from "../../src/errors.ts";
import {
  Conv2d,
  Dropout,
  Flatten,
  frozen,
  Linear,
  ReLU,
  Sequential,
  withMode,
} from "../../src/nn/mod.ts";
import type { Device } from "../../src/backend/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import { rand, type Tensor } from "../../src/tensor/mod.ts";
import { forEachDevice, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";

function convNet(device: Device): Sequential {
  const random = new RandomStream(1);
  return new Sequential(
    new Conv2d(1, 3, 3, { stride: 2, padding: 1, random, device }),
    new ReLU(),
    new Flatten(),
    new Linear(27, 4, { random, device }),
  );
}

function images(device: Device): Tensor {
  return rand([3, 6, 6, 1], { random: new RandomStream(2), device, requiresGrad: true });
}

/** Values and gradients of all parameters. */
async function bytes(model: Sequential): Promise<number[][]> {
  const tensors = [...model.parameters().values()].flatMap((p) => p.grad ? [p, p.grad] : [p]);
  return await Promise.all(tensors.map(async (tensor) => [...await tensor.data()]));
}

test("withMode() gives every part its own mode back, also after an error", () => {
  const random = new RandomStream(1);
  const model = new Sequential(new Dropout(0.5, { random }), new Sequential(new ReLU()));
  model.layers[0]!.eval();
  const modes = () => [...model.modules().values()].map(({ training }) => training);
  const before = modes();
  assert.equal(before, [true, false, true, true]);
  assert.is(withMode(model, false, () => modes().join()), "false,false,false,false");
  assert.equal(modes(), before);
  withMode(model, true, () => assert.equal(modes(), [true, true, true, true]));
  assert.throws(() =>
    withMode(model, false, () => {
      throw new Error("inside");
    }), /inside/);
  assert.equal(modes(), before);
  const late = () => withMode(model, false, () => Promise.resolve());
  assert.throws(late, isA(GradientError, /mode of a model for an asynchronous function/));
  assert.equal(modes(), before);
});

forEachDevice((device, label) => {
  const test = suite(`frozen on ${label}`);

  test("frozen() computes no gradient of a weight and leaves bytes and gradients equal", async () => {
    const model = convNet(device), x = images(device);
    tidy(() => model.forward(x).square().sum().backward());
    const before = await bytes(model);
    const gradient = await x.grad!.data();
    const nodes = [...model.parameters().values()].map(({ node }) => node);
    const weightGradients = device.ledger.callsOf("conv2dWeightGrad");
    assert.ok(weightGradients > 0);
    const products = device.ledger.callsOf("matmul");
    x.grad = null;
    frozen(model, () => {
      assert.ok([...model.parameters().values()].every((p) => !p.requiresGrad));
      tidy(() => model.forward(x).square().sum().backward());
    });
    assert.is(device.ledger.callsOf("conv2dWeightGrad"), weightGradients);
    assert.is(device.ledger.callsOf("matmul"), products + 2);
    assert.equal(await x.grad!.data(), gradient);
    assert.equal(await bytes(model), before);
    assert.equal([...model.parameters().values()].map(({ node }) => node), nodes);
  });

  test("frozen() saves no input of a convolution", () => {
    const model = new Conv2d(3, 3, 3, { random: new RandomStream(1), device, bias: false });
    const x = images(device).expand([3, 6, 6, 3]);
    const saved = (y: Tensor) => y.node!.saved.size;
    assert.is(saved(model.forward(x)), 2);
    assert.is(frozen(model, () => saved(model.forward(x))), 1);
  });

  test.run();
});

test("frozen() puts everything back after an error, and inside itself", () => {
  const model = convNet(reference);
  const nodes = () => [...model.parameters().values()].map(({ node }) => node);
  const before = nodes();
  assert.throws(() =>
    frozen(model, () => {
      frozen(model, () => model.forward(images(reference)));
      assert.ok(nodes().every((node) => node === null));
      throw new Error("inside");
    }), /inside/);
  assert.equal(nodes(), before);
  assert.throws(
    () => frozen(model, () => Promise.resolve()),
    isA(GradientError, /freeze a model for an asynchronous function/),
  );
  assert.equal(nodes(), before);
  frozen(model, () => model.parameters().get("3.bias")!.requiresGrad = true);
  assert.equal(nodes(), before);
});

test("frozen() keeps parameters that were constant before constant", () => {
  const model = convNet(reference);
  const weight = model.parameters().get("0.weight")!;
  weight.requiresGrad = false;
  frozen(model, () => {});
  assert.is(weight.requiresGrad, false);
  assert.is(model.parameters().get("0.bias")!.requiresGrad, true);
});

test("a tape that was recorded before frozen() still ends at the parameters", async () => {
  const model = convNet(reference), x = images(reference);
  const loss = model.forward(x).square().sum();
  frozen(model, () => model.forward(x).sum().backward());
  const weight = model.parameters().get("0.weight")!;
  const [gradient] = loss.gradients([weight], { retainGraph: true });
  loss.backward({ inputs: [weight] });
  assert.equal(await weight.grad!.data(), await gradient!.data());
  assert.ok((await gradient!.data()).some((value) => value !== 0));
});

test("frozen() refuses parameters that are no leaves, and puts the others back", () => {
  const model = convNet(reference);
  const bias = model.parameters().get("3.bias")!;
  Object.assign(model.layers[3]!, { bias: bias.mul(2) });
  assert.throws(() => frozen(model, () => {}), isA(GradientError, /result of mul/));
  assert.ok([...model.parameters().values()].every((p) => p.requiresGrad));
});

test.run();
