import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { maxPool2d, maxPool2dGrad, pair } from "../../src/kernels/mod.ts";
import { type Shape, sizeOf } from "../../src/shape.ts";
import { type Pool2dOptions, tensor } from "../../src/tensor/mod.ts";
import golden from "../fixtures/pooling.json" with { type: "json" };
import { assertClose, forEachDevice, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { integers, numbers, sample } from "../support/numbers.ts";
import { assertParity, host } from "../support/parity.ts";

type Case = readonly [x: Shape, options: Pool2dOptions];

const SMALL: readonly Case[] = [
  [[1, 1, 1, 1], { kernelSize: 1 }],
  [[3, 4, 6, 2], { kernelSize: 2 }],
  [[2, 5, 7, 3], { kernelSize: 3, stride: 2, padding: 1 }],
  [[3, 5, 4, 1], { kernelSize: [2, 3], stride: 1, padding: [1, 0] }],
  [[1, 7, 5, 2], { kernelSize: [1, 2], stride: [3, 4] }],
];

const LARGER: readonly Case[] = [
  [[3, 28, 28, 8], { kernelSize: 2 }],
  [[5, 13, 17, 11], { kernelSize: 3, stride: 2, padding: 1 }],
  [[3, 9, 9, 33], { kernelSize: 5, stride: 1, padding: 2 }],
  [[0, 4, 4, 2], { kernelSize: 2 }],
  [[2, 4, 4, 0], { kernelSize: 2 }],
];

const CASES = golden.cases.filter(({ op }) => op === "max");

function optionsOf({ options: { kernel, ...options } }: (typeof CASES)[number]): Pool2dOptions {
  return { ...options, kernelSize: kernel } as unknown as Pool2dOptions;
}

forEachDevice((device, label) => {
  const test = suite(`maxPool2d on ${label}`);

  for (const one of CASES) {
    test(`maxPool2d() and its gradient are PyTorch's: ${one.name}`, async () => {
      const x = tensor(one.x.data, { shape: one.x.shape, device, requiresGrad: true });
      const y = x.maxPool2d(optionsOf(one));
      assert.equal(y.shape, one.y.shape);
      assertClose(await y.data(), one.y.data.map(Math.fround), { rtol: 0, atol: 0 }, "y");
      y.backward({ gradient: tensor(one.cotangent.data, { shape: y.shape, device }) });
      assertClose(await x.grad!.data(), one.dx.data, { rtol: 1e-6, atol: 1e-6 }, "dx");
    });
  }

  test("maxPool2d() gives the whole gradient to the first of equal elements", async () => {
    const x = tensor(new Float32Array(16).fill(-7), {
      shape: [1, 4, 4, 1],
      device,
      requiresGrad: true,
    });
    x.maxPool2d({ kernelSize: 2 }).sum().backward();
    assert.equal([...await x.grad!.data()], [1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]);
  });

  test("maxPool2d() sees the smallest numbers there are", async () => {
    const x = tensor(new Float32Array(4).fill(-3.4028234663852886e38), {
      shape: [1, 2, 2, 1],
      device,
    });
    const y = x.maxPool2d({ kernelSize: 2, padding: 1 });
    assert.equal([...await y.data()], new Array(4).fill(-3.4028234663852886e38));
  });

  test.run();
});

const parity = suite("maxPool2d on webgpu");

parity(
  "maxPool2d() and its gradient equal the reference, with and without equal elements",
  async () => {
    for (const [shape, { kernelSize, stride = kernelSize, padding = 0 }] of [...SMALL, ...LARGER]) {
      const params = { kernelSize: pair(kernelSize), stride: pair(stride), padding: pair(padding) };
      const result = maxPool2d.outputs([{ shape, dtype: "f32" }], params)[0]!.shape;
      for (const values of [numbers(sizeOf(shape), 3), integers(sizeOf(shape), 4, 5)]) {
        const x = host(shape, values);
        await assertParity(maxPool2d, { inputs: [x], params }, { rtol: 0, atol: 0 });
        const places = new Int32Array(sizeOf(result));
        const y = { shape: result, dtype: "f32", data: new Float32Array(places.length) } as const;
        maxPool2d.reference([x], [y, { shape: result, dtype: "i32", data: places }], params);
        const g = host(result, numbers(places.length, 4));
        const inputs = [g, host(result, places, "i32")];
        const size = [shape[1]!, shape[2]!] as const;
        await assertParity(maxPool2dGrad, { inputs, params: { ...params, size } }, {
          rtol: 1e-6,
          atol: 1e-6,
        });
      }
    }
  },
);

parity.run();

test("maxPool2d() passes gradcheck to second order", async () => {
  for (const [shape, options] of SMALL) {
    const x = sample(shape, 4, { device: reference, dtype: "f64" });
    await gradcheck((x) => x!.maxPool2d(options).square(), [x], { order: 2 });
  }
});

test("maxPool2d() of no images has no gradient elements", () => {
  const x = sample([0, 4, 4, 2], 4, { device: reference, dtype: "f64" });
  x.maxPool2d({ kernelSize: 2 }).sum().backward();
  assert.equal(x.grad!.shape, [0, 4, 4, 2]);
});

test("maxPool2d() refuses what does not fit", () => {
  const x = sample([2, 8, 9, 6], 1, { device: reference });
  const refuses = (options: Pool2dOptions, pattern: RegExp) => {
    assert.throws(() => x.maxPool2d(options), isA(RangeError, pattern));
  };
  assert.throws(
    () => x.reshape([2, 72, 6]).maxPool2d({ kernelSize: 2 }),
    isA(TypeError, /maximum pooling of images \[2, 72, 6\]: they must have the four axes/),
  );
  assert.throws(
    () => tensor(new Int32Array(4), { shape: [1, 2, 2, 1] }).maxPool2d({ kernelSize: 2 }),
    isA(TypeError, /type i32 must be f32 or f64/),
  );
  refuses({ kernelSize: 0 }, /kernel's size is \[0, 0\].*>= 1/);
  refuses({ kernelSize: 2, stride: 0 }, /stride is \[0, 0\]/);
  refuses({ kernelSize: 2, stride: 1.5 }, /stride is \[1.5, 1.5\]/);
  refuses({ kernelSize: 2, padding: -1 }, /padding is \[-1, -1\]/);
  refuses(
    { kernelSize: [3, 2], padding: [1, 2] },
    /padding is \[1, 2\], it must be at most half .* \[3, 2\]/,
  );
  refuses({ kernelSize: [9, 9] }, /kernel spans 9 x 9 but the padded image has only 8 x 9/);
});

test.run();
