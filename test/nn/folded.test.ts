// A convolution and the batch normalization after it, computed as one in evaluation.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Device } from "../../src/backend/mod.ts";
import { BatchNorm2d, Conv2d, type ConvolutionOptions, Sequential } from "../../src/nn/mod.ts";
import { layersApart } from "../../src/nn/layers/folded.ts";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import { capture, type Tensor } from "../../src/tensor/mod.ts";
import { assertClose, forEachDevice } from "../support/devices.ts";
import { sample } from "../support/numbers.ts";

/** Settings of the convolution, channels in and out are 4 and 6. */
const CASES: readonly (readonly [string, Omit<ConvolutionOptions, "random" | "device">])[] = [
  ["3x3", { padding: 1, bias: false }],
  ["3x3 with a bias", { padding: 1 }],
  ["3x3 of stride 2 in groups, dilated", { stride: 2, groups: 2, dilation: 2, padding: 2 }],
];

/** Two layers with statistics that are far from 0 and 1. */
function pair(device: Device, options: Omit<ConvolutionOptions, "random" | "device">): Sequential {
  const random = new RandomStream(3);
  const conv = new Conv2d(4, 6, 3, { ...options, random, device }),
    norm = new BatchNorm2d(6, { device });
  tidy(() => {
    norm.weight.assign(sample([6], 4, { device }));
    norm.bias.assign(sample([6], 5, { device }));
    norm.runningMean.assign(sample([6], 6, { device }));
    norm.runningVariance.assign(sample([6], 7, { device }).square().add(0.1));
  });
  return new Sequential(conv, norm);
}

/** The result for x, and the gradients of its square's sum, x first. */
function results(model: Sequential, x: Tensor): { y: Tensor; gradients: Tensor[] } {
  for (const parameter of model.parameters().values()) parameter.grad = null;
  const leaf = x.detach();
  leaf.requiresGrad = true;
  const y = model.forward(leaf);
  y.square().sum().backward();
  return { y, gradients: [leaf, ...model.parameters().values()].map(({ grad }) => grad!) };
}

forEachDevice((device, label) => {
  const test = suite(`folded batch normalization on ${label}`);

  for (const [name, options] of CASES) {
    test(`${name}: result and all gradients are those of the layers apart`, async () => {
      const model = pair(device, options).eval(), x = sample([2, 7, 6, 4], 8, { device });
      const norms = device.ledger.callsOf("batchNorm");
      const one = results(model, x);
      assert.is(device.ledger.callsOf("batchNorm"), norms);
      const two = layersApart(() => results(model, x));
      assert.is(device.ledger.callsOf("batchNorm"), norms + 1);
      const tolerance = { rtol: 1e-4, atol: 1e-4 };
      assertClose(await one.y.data(), await two.y.data(), tolerance, "y");
      for (const [i, gradient] of one.gradients.entries()) {
        const wanted = await two.gradients[i]!.data();
        const size = Math.max(...wanted.map(Math.abs));
        assert.ok(size > 0.1, `gradient ${i} is about 0`);
        assertClose(
          await gradient.data(),
          wanted,
          { rtol: 1e-4, atol: 1e-5 * size },
          `gradient ${i}`,
        );
      }
    });
  }

  test("in training the layers are computed one by one", async () => {
    const model = pair(device, { padding: 1 }).train(),
      other = pair(device, { padding: 1 }).train();
    const x = sample([2, 7, 6, 4], 8, { device });
    const y = await model.forward(x).data();
    assert.equal(y, await layersApart(() => other.forward(x)).data());
    const [norm, twin] = [model, other].map(({ layers }) => layers[1] as BatchNorm2d);
    assert.equal(await norm!.runningMean.data(), await twin!.runningMean.data());
  });

  test("a layer with a forward of its own is asked", () => {
    let asked = 0;
    class Watched extends BatchNorm2d {
      override forward(x: Tensor): Tensor {
        asked++;
        return super.forward(x);
      }
    }
    const random = new RandomStream(3), x = sample([1, 3, 3, 4], 8, { device });
    const conv = () => new Conv2d(4, 6, 3, { random, device });
    new Sequential(conv(), new Watched(6, { device })).eval().forward(x);
    assert.is(asked, 1);
    const first = conv(), { forward } = first;
    first.forward = (y) => {
      asked++;
      return forward.call(first, y);
    };
    new Sequential(first, new BatchNorm2d(6, { device })).eval().forward(x);
    assert.is(asked, 2);
  });

  test("replays find the folded weights made, and anew once a parameter has changed", async () => {
    const model = pair(device, { padding: 1 }).eval(), x = sample([2, 7, 6, 4], 8, { device });
    const forward = (images: Tensor) => model.forward(images).detach();
    const captured = capture(forward), norm = model.layers[1] as BatchNorm2d;
    const roots = () => device.ledger.callsOf("rsqrt");
    for (let i = 0; i < 3; i++) tidy(() => captured(x));
    const before = roots();
    const old = await captured(x).data();
    assert.is(roots(), before, "nothing is computed again");
    for (const tensor of [norm.runningVariance, norm.runningMean, norm.weight]) {
      // In place, as an optimiser writes.
      device.write(tensor.buffer, Float32Array.of(0.5, 2, 1, 3, 0.25, 1.5));
      const now = await captured(x).data();
      assert.equal(now, await forward(x).data());
      assert.not.equal(now, old);
    }
    assert.equal(captured.replays, 5);
    captured.dispose();
  });

  test.run();
});
