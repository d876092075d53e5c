import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { avgPool2d, avgPool2dGrad, pair } from "../../src/kernels/mod.ts";
import { type Shape, sizeOf } from "../../src/shape.ts";
import { type AvgPool2dOptions, tensor } from "../../src/tensor/mod.ts";
import golden from "../fixtures/pooling.json" with { type: "json" };
import { assertClose, forEachDevice, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { numbers, sample } from "../support/numbers.ts";
import { assertParity, host } from "../support/parity.ts";

type Case = readonly [x: Shape, options: AvgPool2dOptions];

const SMALL: readonly Case[] = [
  [[1, 1, 1, 1], { kernelSize: 1 }],
  [[3, 4, 6, 2], { kernelSize: 2 }],
  [[2, 5, 7, 3], { kernelSize: 3, stride: 2, padding: 1 }],
  [[2, 5, 7, 3], { kernelSize: 3, stride: 2, padding: 1, countIncludePad: false }],
  [[3, 5, 4, 1], { kernelSize: [2, 3], stride: 1, padding: [1, 0], countIncludePad: false }],
  [[1, 7, 5, 2], { kernelSize: [1, 2], stride: [3, 4] }],
];

const LARGER: readonly Case[] = [
  [[3, 28, 28, 8], { kernelSize: 2 }],
  [[5, 13, 17, 11], { kernelSize: 3, stride: 2, padding: 1, countIncludePad: false }],
  [[3, 9, 9, 33], { kernelSize: 5, stride: 1, padding: 2 }],
  [[0, 4, 4, 2], { kernelSize: 2 }],
];

const CASES = golden.cases.filter(({ op }) => op === "avg");

function optionsOf({ options: { kernel, ...options } }: (typeof CASES)[number]): AvgPool2dOptions {
  return { ...options, kernelSize: kernel } as unknown as AvgPool2dOptions;
}

forEachDevice((device, label) => {
  const test = suite(`avgPool2d on ${label}`);

  for (const one of CASES) {
    test(`avgPool2d() and its gradient are PyTorch's: ${one.name}`, async () => {
      const x = tensor(one.x.data, { shape: one.x.shape, device, requiresGrad: true });
      const y = x.avgPool2d(optionsOf(one));
      assert.equal(y.shape, one.y.shape);
      assertClose(await y.data(), one.y.data, { rtol: 1e-6, atol: 1e-6 }, "y");
      y.backward({ gradient: tensor(one.cotangent.data, { shape: y.shape, device }) });
      assertClose(await x.grad!.data(), one.dx.data, { rtol: 1e-6, atol: 1e-6 }, "dx");
    });
  }

  test("globalAvgPool2d() is the mean over height and width", async () => {
    const x = tensor([1, 10, 2, 20, 3, 30, 6, 60, 0, 1, 0, 1, 0, 1, 0, 1], {
      shape: [2, 2, 2, 2],
      device,
      requiresGrad: true,
    });
    const y = x.globalAvgPool2d();
    assert.equal(y.shape, [2, 2]);
    assertClose(await y.data(), [3, 30, 0, 1]);
    y.sum().backward();
    assertClose(await x.grad!.data(), new Array(16).fill(0.25));
    const { shape } = x.detach().reshape([4, 4]);
    assert.equal(shape, [4, 4]);
    assert.throws(
      () => x.reshape([4, 4]).globalAvgPool2d(),
      isA(TypeError, /must have the axes N, H, W, C/),
    );
  });

  test.run();
});

const parity = suite("avgPool2d on webgpu");

parity("avgPool2d() and its gradient equal the reference", async () => {
  for (const [shape, options] of [...SMALL, ...LARGER]) {
    const { kernelSize, stride = kernelSize, padding = 0, countIncludePad = true } = options;
    const params = {
      kernelSize: pair(kernelSize),
      stride: pair(stride),
      padding: pair(padding),
      countIncludePad,
    };
    const x = host(shape, numbers(sizeOf(shape), 3));
    await assertParity(avgPool2d, { inputs: [x], params }, { rtol: 1e-6, atol: 1e-6 });
    const result = avgPool2d.outputs([x], params)[0]!.shape;
    const g = host(result, numbers(sizeOf(result), 4));
    const size = [shape[1]!, shape[2]!] as const;
    const call = { inputs: [g], params: { ...params, size } };
    await assertParity(avgPool2dGrad, call, { rtol: 1e-6, atol: 1e-6 });
  }
});

parity.run();

test("avgPool2d() passes gradcheck to second order", async () => {
  for (const [shape, options] of SMALL) {
    const x = sample(shape, 4, { device: reference, dtype: "f64" });
    await gradcheck((x) => x!.avgPool2d(options).square(), [x], { order: 2 });
  }
});

test("avgPool2d() refuses what does not fit", () => {
  const x = sample([2, 8, 9, 6], 1, { device: reference });
  assert.throws(
    () => x.reshape([2, 72, 6]).avgPool2d({ kernelSize: 2 }),
    isA(TypeError, /average pooling of images \[2, 72, 6\]: they must have the four axes/),
  );
  assert.throws(
    () => x.avgPool2d({ kernelSize: 2, stride: [1, 0] }),
    isA(RangeError, /stride is \[1, 0\]/),
  );
  assert.throws(() => x.avgPool2d({ kernelSize: 2, padding: 2 }), isA(RangeError, /at most half/));
  assert.throws(() => x.avgPool2d({ kernelSize: 9 }), isA(RangeError, /spans 9 x 9 .* 8 x 9/));
});

test.run();
