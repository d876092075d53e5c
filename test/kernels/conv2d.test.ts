import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { conv2d, conv2dInputGrad, conv2dWeightGrad, pair } from "../../src/kernels/mod.ts";
import { type Shape, sizeOf } from "../../src/shape.ts";
import { type Conv2dOptions, type Tensor, tensor } from "../../src/tensor/mod.ts";
import golden from "../fixtures/conv2d.json" with { type: "json" };
import {
  assertClose,
  forEachDevice,
  reference,
  type Tolerance,
  webgpu,
} from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { at, build, numbers, sample } from "../support/numbers.ts";
import { assertParity, host, type HostTensor, runOn } from "../support/parity.ts";

type Case = readonly [x: Shape, w: Shape, options: Conv2dOptions];

const SMALL: readonly Case[] = [
  [[1, 1, 1, 1], [1, 1, 1, 1], {}],
  [[3, 5, 4, 2], [3, 3, 2, 3], { padding: 1 }],
  [[3, 5, 7, 1], [3, 2, 1, 2], { stride: [2, 3], padding: [2, 1] }],
  [[1, 7, 6, 2], [2, 3, 2, 2], { stride: 2, padding: 2, dilation: [3, 2] }],
  [[2, 4, 5, 4], [3, 1, 2, 6], { groups: 2, padding: [1, 0] }],
  [[1, 4, 4, 3], [2, 2, 1, 3], { groups: 3, stride: 2 }],
  // The stride jumps over the kernel, and past the edge.
  [[2, 8, 5, 1], [1, 2, 1, 2], { stride: [3, 4] }],
  // Stride and dilation share a factor: some places see no tap at all.
  [[1, 9, 7, 1], [2, 3, 1, 1], { stride: [4, 2], dilation: [2, 2], padding: 1 }],
];

const LARGER: readonly Case[] = [
  [[3, 13, 11, 3], [3, 3, 3, 16], { padding: 1 }],
  [[4, 14, 14, 8], [5, 5, 8, 12], { padding: 2, stride: 2 }],
  [[3, 17, 19, 7], [3, 3, 7, 5], { padding: 1, dilation: 2 }],
  [[5, 9, 9, 12], [3, 3, 4, 6], { groups: 3, stride: [1, 2], padding: 1 }],
  [[3, 10, 10, 20], [3, 3, 1, 20], { groups: 20, padding: 1 }],
  [[3, 8, 8, 6], [1, 1, 6, 10], {}],
  // Long rows, several pixels per invocation, one output.
  [[1, 1, 301, 2], [1, 9, 2, 3], { padding: [0, 4] }],
  [[8, 33, 35, 4], [3, 3, 4, 16], { padding: 1 }],
  [[3, 40, 41, 4], [4, 4, 4, 4], { stride: [2, 3], padding: [1, 2] }],
  [[3, 41, 54, 12], [3, 3, 12, 8], { stride: [2, 3], padding: 1 }],
  [[5, 41, 83, 8], [2, 3, 4, 2], { stride: [1, 2], padding: 1, groups: 2 }],
  [[3, 6, 7, 5], [6, 7, 5, 33], {}],
  // Nothing to do.
  [[0, 5, 5, 2], [3, 3, 2, 4], {}],
  [[2, 5, 5, 2], [3, 3, 2, 0], {}],
  [[2, 5, 5, 0], [3, 3, 0, 4], {}],
];

function paramsOf({ stride = 1, padding = 0, dilation = 1, groups = 1 }: Conv2dOptions) {
  return { stride: pair(stride), padding: pair(padding), dilation: pair(dilation), groups };
}

function resultShape([x, w, options]: Case): Shape {
  return conv2d.outputs([x, w].map((shape) => ({ shape, dtype: "f32" })), paramsOf(options))[0]!
    .shape;
}

/** The definition, one number at a time. */
function definition([x, w, options]: Case, xs: ArrayLike<number>, ws: ArrayLike<number>): number[] {
  const { stride, padding, dilation } = paramsOf(options);
  const [KH, KW, I] = w as [number, number, number, number];
  const y = resultShape([x, w, options]);
  const perGroup = y[3]! / (options.groups ?? 1);
  return build(y, ([n, i, j, o]) => {
    let sum = 0;
    for (let u = 0; u < KH; u++) {
      for (let v = 0; v < KW; v++) {
        const h = i! * stride[0] - padding[0] + u * dilation[0];
        const k = j! * stride[1] - padding[1] + v * dilation[1];
        if (h < 0 || h >= x[1]! || k < 0 || k >= x[2]!) continue;
        for (let c = 0; c < I; c++) {
          const channel = Math.floor(o! / perGroup) * I + c;
          sum += at(xs, x, [n!, h, k, channel]) * at(ws, w, [u, v, c, o!]);
        }
      }
    }
    return sum;
  });
}

forEachDevice((device, label) => {
  const test = suite(`conv2d on ${label}`);

  test("conv2d() is what its definition says", async () => {
    for (const [shape, wShape, options] of [...SMALL, ...LARGER.slice(0, 4)]) {
      const xs = numbers(sizeOf(shape), 1).map(Math.fround);
      const ws = numbers(sizeOf(wShape), 2).map(Math.fround);
      const x = tensor(xs, { shape, device }), w = tensor(ws, { shape: wShape, device });
      const want = definition([shape, wShape, options], xs, ws);
      const y = x.conv2d(w, options);
      assert.equal(y.shape, resultShape([shape, wShape, options]));
      assertClose(await y.data(), want, { rtol: 1e-5, atol: 2e-6 }, `${shape} * ${wShape}`);
    }
  });

  for (const { name, options, x, w, y, cotangent, dx, dw } of golden.cases) {
    test(`conv2d() and its gradients are PyTorch's: ${name}`, async () => {
      const take = ({ shape, data }: typeof x, requiresGrad = false) => {
        return tensor(data, { shape, device, requiresGrad });
      };
      const images = take(x, true), weights = take(w, true);
      const result = images.conv2d(weights, options as unknown as Conv2dOptions);
      assert.equal(result.shape, y.shape);
      assertClose(await result.data(), y.data, { rtol: 1e-5, atol: 2e-6 }, "y");
      result.backward({ gradient: take(cotangent) });
      assertClose(await images.grad!.data(), dx.data, { rtol: 1e-5, atol: 2e-6 }, "dx");
      assertClose(await weights.grad!.data(), dw.data, { rtol: 1e-5, atol: 4e-6 }, "dw");
    });
  }

  test("conv2d() computes and saves only what a gradient needs", () => {
    const calls = (name: string) => device.ledger.callsOf(name);
    const x = sample([2, 5, 5, 2], 1, { device }), w = sample([3, 3, 2, 4], 2, { device });
    const [input, weight] = [calls("conv2dInputGrad"), calls("conv2dWeightGrad")];
    x.requiresGrad = true;
    const y = x.conv2d(w);
    assert.equal([...y.node!.saved.keys()], ["input1"]);
    y.sum().backward();
    assert.is(calls("conv2dInputGrad"), input + 1);
    assert.is(calls("conv2dWeightGrad"), weight);
    x.requiresGrad = false;
    w.requiresGrad = true;
    const z = x.conv2d(w);
    assert.equal([...z.node!.saved.keys()], ["input0"]);
    z.sum().backward();
    assert.is(calls("conv2dInputGrad"), input + 1);
    assert.is(calls("conv2dWeightGrad"), weight + 1);
  });

  test.run();
});

const parity = suite("conv2d on webgpu");

/** Sums of `terms` products of numbers below 1 in magnitude, one after the other in f32. */
function tolerance(terms: number): Tolerance {
  return { rtol: 1e-6, atol: 1e-7 * (1 + terms ** 0.75) };
}

/** Operands of the three kernels. */
function operands([x, w, options]: Case): readonly [x: HostTensor, w: HostTensor, g: HostTensor] {
  const shapes = [x, w, resultShape([x, w, options])];
  return shapes.map((shape, i) => host(shape, numbers(sizeOf(shape), i + 3))) as never;
}

parity("conv2d() and its gradients equal the reference", async () => {
  for (const one of [...SMALL, ...LARGER]) {
    const [x, w, g] = operands(one);
    const [[, H, W], [KH, KW, I]] = one as readonly [readonly number[], readonly number[], unknown];
    const params = paramsOf(one[2]);
    const taps = KH! * KW!;
    await assertParity(conv2d, { inputs: [x, w], params }, tolerance(taps * I!));
    await assertParity(
      conv2dInputGrad,
      { inputs: [g, w], params: { ...params, size: [H!, W!] } },
      tolerance(taps * g.shape[3]! / params.groups),
    );
    await assertParity(
      conv2dWeightGrad,
      { inputs: [x, g], params: { ...params, kernelSize: [KH!, KW!] } },
      tolerance(sizeOf(g.shape.slice(0, 3))),
    );
  }
});

parity("conv2d() has the same weight gradient in every run", async () => {
  if (webgpu === undefined) return;
  const [x, w, g] = operands(LARGER[7]!);
  const kernelSize = [w.shape[0]!, w.shape[1]!] as const;
  const call = { inputs: [x, g], params: { ...paramsOf({ padding: 1 }), kernelSize } };
  const [first] = await runOn(webgpu, conv2dWeightGrad, call);
  for (let again = 0; again < 3; again++) {
    const [next] = await runOn(webgpu, conv2dWeightGrad, call);
    assert.equal(next!.data, first!.data);
  }
});

parity("conv2d() splits the weight gradient of small layers over many workgroups", () => {
  const x = { shape: [128, 28, 28, 1], dtype: "f32" } as const;
  const g = { shape: [128, 28, 28, 16], dtype: "f32" } as const;
  const params = { ...paramsOf({ padding: 1 }), kernelSize: [3, 3] } as const;
  const program = conv2dWeightGrad.webgpu([x, g], conv2dWeightGrad.outputs([x, g], params), params);
  assert.ok(program.dispatches[0]!.workgroups[0] >= 128);
});

parity.run();

test("conv2d() passes gradcheck to second order", async () => {
  for (const [x, w, options] of SMALL) {
    const inputs = [x, w].map((shape, i) =>
      sample(shape, i + 1, { device: reference, dtype: "f64" })
    );
    await gradcheck((x, w) => x!.conv2d(w!, options), inputs, { order: 2 });
  }
});

test("conv2d() has a third derivative", async () => {
  // y = w x², so y''' with respect to x, x, w is 2.
  const x = tensor([[[[3]]]], { dtype: "f64", device: reference, requiresGrad: true });
  const w = tensor([[[[5]]]], { dtype: "f64", device: reference, requiresGrad: true });
  const y = x.conv2d(w).mul(x).sum();
  const [first] = y.gradients([x], { createGraph: true });
  const [second] = first!.sum().gradients([x], { createGraph: true });
  const [third] = second!.sum().gradients([w]);
  assert.equal([...await first!.data(), ...await second!.data(), ...await third!.data()], [
    30,
    10,
    2,
  ]);
});

test("conv2d() passes no gradient on where nothing is", async () => {
  const x = sample([0, 5, 5, 2], 1, { device: reference, dtype: "f64" });
  const w = sample([3, 3, 2, 4], 2, { device: reference, dtype: "f64" });
  x.conv2d(w).sum().backward();
  assert.equal(x.grad!.shape, [0, 5, 5, 2]);
  assert.equal([...await w.grad!.data()], new Array(72).fill(0));
});

test("conv2d() keeps numbers that are not finite out of the padding", async () => {
  const x = tensor([[[[Infinity], [1]]]], { device: reference });
  const w = tensor([[[[1]], [[1]], [[1]]]], { device: reference });
  assert.equal([...await x.conv2d(w, { padding: [0, 1] }).data()], [Infinity, Infinity]);
});

test("conv2d() refuses what does not fit", () => {
  const x = sample([2, 8, 8, 6], 1, { device: reference });
  const w = (...shape: Shape) => sample(shape, 2, { device: reference });
  const refuses = (
    weights: Tensor,
    options: Conv2dOptions,
    kind: typeof TypeError | typeof RangeError,
    pattern: RegExp,
  ) => {
    assert.throws(() => x.conv2d(weights, options), isA(kind, pattern));
  };
  refuses(
    w(3, 3, 6),
    {},
    TypeError,
    /images \[2, 8, 8, 6\] and weights \[3, 3, 6\]: both must have four axes/,
  );
  refuses(
    w(3, 3, 4, 8),
    {},
    TypeError,
    /have 6 channels in 1 groups.*must have 6 input channels, not 4/,
  );
  refuses(
    w(3, 3, 6, 8),
    { groups: 2 },
    TypeError,
    /in 2 groups.*must have 3 input channels, not 6/,
  );
  refuses(
    w(3, 3, 2, 8),
    { groups: 3 },
    RangeError,
    /groups is 3.*divides both the 6 input and the 8 output/,
  );
  for (const groups of [0, -1, 1.5, NaN]) {
    refuses(w(3, 3, 6, 8), { groups }, RangeError, /groups is/);
  }
  for (const stride of [0, -1, 1.5, NaN]) {
    refuses(w(3, 3, 6, 8), { stride }, RangeError, /stride is \[.*whole numbers >= 1/);
  }
  refuses(w(3, 3, 6, 8), { padding: -1 }, RangeError, /padding is \[-1, -1\].*>= 0/);
  refuses(w(3, 3, 6, 8), { dilation: [1, 0] }, RangeError, /dilation is \[1, 0\].*>= 1/);
  refuses(w(0, 3, 6, 8), {}, RangeError, /kernel's size is \[0, 3\]/);
  refuses(w(3, 9, 6, 8), {}, RangeError, /kernel spans 3 x 9 but the padded image has only 8 x 8/);
  refuses(w(3, 3, 6, 8), { dilation: 5, padding: 1 }, RangeError, /spans 11 x 11 .* 10 x 10/);
  const integers = tensor(new Int32Array(6 * 8), { shape: [1, 1, 6, 8], device: reference });
  refuses(integers, {}, TypeError, /types f32 and i32 must both be f32 or both f64/);
});

test.run();
