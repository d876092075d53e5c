import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { ShapeError } from "../../src/errors.ts";
import { BatchNorm2d } from "../../src/nn/mod.ts";
import { noGrad } from "../../src/autograd/mod.ts";
import { ones, type Tensor, tensor, zeros } from "../../src/tensor/mod.ts";
import golden from "../fixtures/batch_norm.json" with { type: "json" };
import { assertClose, forEachDevice, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { sample } from "../support/numbers.ts";

forEachDevice((device, label) => {
  const test = suite(`BatchNorm2d on ${label}`);
  const load = ({ shape, data }: { readonly shape: number[]; readonly data: number[] }): Tensor => {
    return tensor(data, { shape, device });
  };

  for (const one of golden.cases) {
    test(`${one.name}: values, gradients and running statistics are PyTorch's`, async () => {
      const layer = new BatchNorm2d(one.scale.data.length, {
        momentum: golden.momentum,
        epsilon: golden.eps,
        device,
      });
      layer.loadStateDict({
        weight: load(one.scale),
        bias: load(one.shift),
        runningMean: load(one.runningMean),
        runningVariance: load(one.runningVar),
      });
      layer.train(one.training);
      const x = load(one.x);
      x.requiresGrad = true;
      const y = layer.forward(x);
      y.backward({ gradient: load(one.cotangent) });
      // A mean of 50 costs two digits of f32.
      const tolerance = { rtol: 1e-4, atol: one.name.includes("mean 50") ? 2e-4 : 1e-5 };
      assertClose(await y.data(), one.y.data, tolerance, "y");
      assertClose(await x.grad!.data(), one.dx.data, tolerance, "dx");
      assertClose(await layer.weight.grad!.data(), one.dscale.data, tolerance, "dscale");
      assertClose(await layer.bias.grad!.data(), one.dshift.data, tolerance, "dshift");
      assertClose(await layer.runningMean.data(), one.runningMeanAfter.data, { rtol: 1e-6 });
      assertClose(await layer.runningVariance.data(), one.runningVarAfter.data, { rtol: 1e-5 });
    });
  }

  test("statistics run in the kernel of the layer, in place, with and without a tape", async () => {
    const layer = new BatchNorm2d(3, { device });
    const { buffer } = layer.runningMean;
    const x = sample([4, 2, 2, 3], 1, { device });
    layer.forward(x);
    const calls = device.ledger.callsOf("batchNormRunning");
    noGrad(() => layer.forward(x));
    assert.is(device.ledger.callsOf("batchNormRunning"), calls + 1);
    assert.is(layer.runningMean.buffer, buffer);
    layer.eval().forward(x);
    assert.is(device.ledger.callsOf("batchNormRunning"), calls + 1);
    const mean = await x.mean([0, 1, 2]).data();
    const variance = await x.variance([0, 1, 2]).data();
    assertClose(await layer.runningMean.data(), Array.from(mean, (m) => 0.19 * m));
    assertClose(await layer.runningVariance.data(), Array.from(variance, (v) => 0.81 + 0.19 * v));
  });

  test("a backward() after the next forward still uses its own batch", async () => {
    const layer = new BatchNorm2d(2, { device });
    const gradientOf = async (later: boolean) => {
      const x = sample([3, 2, 2, 2], 1, { device });
      x.requiresGrad = true;
      const loss = layer.forward(x).square().mul(x).sum();
      if (later) layer.forward(sample([3, 2, 2, 2], 2, { device }));
      loss.backward();
      return await x.grad!.data();
    };
    assert.equal(await gradientOf(true), await gradientOf(false));
  });

  test.run();
});

test("BatchNorm2d holds two parameters and two buffers", () => {
  const layer = new BatchNorm2d(4, { device: reference });
  assert.equal([...layer.parameters().keys()], ["weight", "bias"]);
  assert.equal([...layer.buffers().keys()], ["runningMean", "runningVariance"]);
  assert.is(`${layer}`, "BatchNorm2d(4, momentum=0.1, epsilon=0.00001)");
});

test("BatchNorm2d refuses what it cannot normalize", () => {
  const where = { device: reference };
  const layer = new BatchNorm2d(4, where);
  assert.throws(() => layer.forward(zeros([2, 2, 2, 3], where)), isA(ShapeError, /3|channels/));
  assert.throws(
    () => layer.forward(ones([1, 1, 1, 4], where)),
    isA(RangeError, /1 value per channel/),
  );
  layer.eval().forward(ones([1, 1, 1, 4], where));
  assert.throws(() => new BatchNorm2d(0, where), isA(RangeError, /channels is 0/));
  assert.throws(() => new BatchNorm2d(1, { momentum: 2 }), isA(RangeError, /momentum is 2/));
  assert.throws(() => new BatchNorm2d(1, { epsilon: 0 }), isA(RangeError, /epsilon is 0/));
});

test.run();
