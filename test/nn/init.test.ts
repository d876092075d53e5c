import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { ShapeError } from "../../src/errors.ts";
import {
  Conv2d,
  fansOf,
  gainOf,
  kaimingNormal,
  kaimingUniform,
  Linear,
  smallCnn,
  uniformFan,
  xavierNormal,
  xavierUniform,
} from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { assertClose, forEachDevice, reference, webgpu } from "../support/devices.ts";
import { isA } from "../support/errors.ts";

const SHAPE = [3, 3, 64, 128];
const { fanIn, fanOut } = fansOf(SHAPE);

function moments(data: ArrayLike<number>): { mean: number; deviation: number; largest: number } {
  const values = Array.from(data);
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const square = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(square), largest: Math.max(...values.map(Math.abs)) };
}

forEachDevice((device, label) => {
  const test = suite(`init on ${label}`);
  const options = (seed: number) => ({ random: new RandomStream(seed), device });

  const CASES = [
    ["kaimingUniform", kaimingUniform(SHAPE, options(1)), Math.sqrt(2 / fanIn)],
    ["kaimingNormal", kaimingNormal(SHAPE, options(2)), Math.sqrt(2 / fanIn)],
    [
      "kaimingNormal, fanOut",
      kaimingNormal(SHAPE, { ...options(3), mode: "fanOut", nonlinearity: "tanh" }),
      5 / 3 / Math.sqrt(fanOut),
    ],
    [
      "kaimingUniform, slope",
      kaimingUniform(SHAPE, { ...options(4), slope: Math.sqrt(5) }),
      1 / Math.sqrt(3 * fanIn),
    ],
    ["xavierUniform", xavierUniform(SHAPE, options(5)), Math.sqrt(2 / (fanIn + fanOut))],
    [
      "xavierNormal",
      xavierNormal(SHAPE, { ...options(6), gain: 2 }),
      2 * Math.sqrt(2 / (fanIn + fanOut)),
    ],
    ["uniformFan", uniformFan(SHAPE, options(7)), 1 / Math.sqrt(3 * fanIn)],
  ] as const;
  for (const [name, weight, deviation] of CASES) {
    test(`${name}() has mean 0 and the deviation of its formula`, async () => {
      const got = moments(await weight.data());
      // 73,728 numbers: four standard errors.
      assert.ok(Math.abs(got.mean) < 4 * deviation / 271, `mean ${got.mean}`);
      assertClose([got.deviation], [deviation], { rtol: 0.011 });
      const bound = Math.sqrt(3) * deviation;
      if (/[uU]niform/.test(name)) {
        assert.ok(got.largest <= bound * (1 + 1e-6) && got.largest > 0.999 * bound);
      } else assert.ok(got.largest > 3.5 * deviation);
    });
  }

  test("uniform weights have the same bits as on the reference device", async () => {
    for (const shape of [[1, 1], [7, 13], [3, 5, 4, 6]]) {
      const [got, want] = [device, reference].map((device) => {
        return kaimingUniform(shape, { random: new RandomStream(5), device });
      });
      assert.equal(await got!.data(), await want!.data());
    }
  });

  test.run();
});

test("layers draw from the stream they are given, in the order of their making", async () => {
  const draw = async (seed: number) => {
    const model = smallCnn({ random: new RandomStream(seed), device: reference });
    return await Promise.all(
      [...model.parameters().values()].map(async (p) => [...await p.data()]),
    );
  };
  assert.equal(await draw(1), await draw(1));
  assert.not.equal(await draw(1), await draw(2));
  const random = new RandomStream(1);
  const layer = new Linear(4, 3, { random, device: reference });
  const again = new RandomStream(1);
  const weight = uniformFan([4, 3], { random: again, device: reference });
  const bias = uniformFan([3], { random: again, device: reference, fanIn: 4 });
  assert.equal(await layer.weight.data(), await weight.data());
  assert.equal(await layer.bias!.data(), await bias.data());
  assert.is(random.step, 2);
});

test("the model of the small CNN is the same on WebGPU", async () => {
  if (webgpu === undefined) return;
  const [here, there] = [reference, webgpu].map((device) => {
    return smallCnn({ random: new RandomStream(9), device });
  });
  for (const [name, parameter] of here!.parameters()) {
    assert.equal(await there!.parameters().get(name)!.data(), await parameter.data());
  }
});

test("fansOf() counts the field and the channels of a group", () => {
  assert.equal(fansOf([784, 10]), { fanIn: 784, fanOut: 10 });
  assert.equal(fansOf([3, 5, 4, 8]), { fanIn: 60, fanOut: 120 });
  assert.throws(() => fansOf([3]), isA(ShapeError, /weight of shape \[3\]/));
  const options = { random: new RandomStream(1), device: reference };
  const depthwise = new Conv2d(8, 8, 3, { ...options, groups: 8 });
  assert.equal(depthwise.weight.shape, [3, 3, 1, 8]);
});

test("layers start within 1 / sqrt(fanIn)", async () => {
  const options = { random: new RandomStream(1), device: reference };
  const layer = new Conv2d(8, 64, 3, { ...options, groups: 4 });
  const bound = 1 / Math.sqrt(18);
  for (const tensor of [layer.weight, layer.bias!]) {
    const { largest } = moments(await tensor.data());
    assert.ok(largest <= bound && largest > 0.9 * bound);
    assert.ok(tensor.requiresGrad && tensor.isLeaf);
  }
});

test("gainOf() gives PyTorch's numbers", () => {
  assert.equal(gainOf("linear"), 1);
  assert.equal(gainOf("sigmoid"), 1);
  assert.equal(gainOf("tanh"), 5 / 3);
  assert.equal(gainOf("relu"), Math.SQRT2);
  assertClose([gainOf("leakyRelu")], [1.4141428569978354], { rtol: 1e-15 });
  assert.throws(() => gainOf("other" as "relu"), isA(RangeError, /gain for "other"/));
});

test.run();
