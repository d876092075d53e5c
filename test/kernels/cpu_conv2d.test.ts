import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WINOGRAD } from "../../src/kernels/conv2d/cpu_winograd.ts";
import {
  conv2d,
  conv2dInputGrad,
  conv2dWeightGrad,
  type Kernel,
  pair,
  type PairOption,
} from "../../src/kernels/mod.ts";
import { assertCpu, type CpuCase, outputsOn, uniform } from "../support/cpu.ts";
import { cpu } from "../support/devices.ts";
import { host } from "../support/parity.ts";

const test = suite("conv2d on the cpu");

type Four = readonly [number, number, number, number];

interface Options {
  readonly stride?: PairOption;
  readonly padding?: PairOption;
  readonly dilation?: PairOption;
  readonly groups?: number;
}

/** For sums of so many products of numbers below 1 in magnitude, one after the other in f32. */
async function assertNear<P>(kernel: Kernel<P>, call: CpuCase<P>, terms: number): Promise<void> {
  const outputs = kernel.outputs(call.inputs, call.params);
  const program = kernel.cpu!(call.inputs, outputs, call.params);
  // Winograd's transforms round more than sums do: conv2d_winograd.test.ts says how much.
  const factor = program?.calls[0]?.words[0] === WINOGRAD ? 4 : 1;
  await assertCpu(kernel, call, { rtol: 1e-6, atol: factor * 3e-7 * (1 + terms ** 0.75) });
}

/** A convolution and its two gradients. */
async function compare(x: Four, w: Four, options: Options = {}): Promise<void> {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const params = { stride: pair(stride), padding: pair(padding), dilation: pair(dilation), groups };
  const spec = (shape: Four) => ({ shape, dtype: "f32" } as const);
  const [y] = conv2d.outputs([spec(x), spec(w)], params);
  const images = uniform(x, 1), weights = uniform(w, 2), g = uniform(y!.shape, 3);
  const [KH, KW, I, Cout] = w, [N, OH, OW] = y!.shape as Four;
  await assertNear(conv2d, { inputs: [images, weights], params }, KH * KW * I);
  const back = { inputs: [g, weights], params: { ...params, size: [x[1], x[2]] } } as const;
  await assertNear(conv2dInputGrad, back, KH * KW * Cout / groups);
  const sums = { inputs: [images, g], params: { ...params, kernelSize: [KH, KW] } } as const;
  await assertNear(conv2dWeightGrad, sums, N * OH * OW);
}

test("the layers of small nets equal the reference", async () => {
  await compare([9, 28, 28, 1], [3, 3, 1, 16], { padding: 1 });
  await compare([9, 28, 28, 1], [4, 4, 1, 16], { stride: 2, padding: 1 });
  await compare([5, 14, 14, 16], [3, 3, 16, 32], { padding: 1 });
  await compare([5, 14, 14, 16], [4, 4, 16, 32], { stride: 2, padding: 1 });
  await compare([3, 32, 32, 3], [3, 3, 3, 32], { padding: 1 });
  await compare([3, 7, 7, 64], [7, 7, 64, 10]);
  await compare([3, 9, 9, 20], [1, 1, 20, 24]);
});

test("tiny, odd and empty ones equal the reference", async () => {
  await compare([1, 1, 1, 1], [1, 1, 1, 1]);
  await compare([3, 5, 7, 2], [3, 2, 2, 5], { stride: [2, 3], padding: [2, 1] });
  await compare([1, 9, 7, 1], [2, 3, 1, 1], { stride: [4, 2], dilation: [2, 2], padding: 1 });
  await compare([2, 8, 5, 1], [1, 2, 1, 2], { stride: [3, 4] });
  await compare([0, 5, 5, 2], [3, 3, 2, 4]);
  await compare([2, 5, 5, 2], [3, 3, 2, 0]);
  await compare([2, 5, 5, 0], [3, 3, 0, 4]);
});

test("what is cut into several blocks equals the reference", async () => {
  // Long lines; many channels; both; one image with many channels.
  await compare([1, 2, 1300, 3], [1, 5, 3, 8], { padding: [0, 2] });
  await compare([2, 6, 6, 600], [3, 3, 600, 9], { padding: 1 });
  await compare([1, 3, 130, 520], [3, 3, 520, 4], { padding: 1, stride: [1, 2] });
  await compare([1, 4, 4, 96], [3, 3, 96, 100], { padding: 1 });
  await compare([1, 4, 4, 95], [3, 3, 95, 100], { padding: 1 });
  await compare([1, 50, 40, 8], [5, 5, 8, 20], { padding: 2, dilation: 2 });
});

test("what goes by way of Winograd's transforms equals the reference", async () => {
  await compare([1, 4, 4, 8], [3, 3, 8, 8], { padding: 1 });
  await compare([3, 9, 13, 12], [3, 3, 12, 20]);
  await compare([2, 6, 7, 20], [3, 3, 20, 8], { padding: [2, 0] });
  await compare([3, 9, 9, 8], [3, 3, 8, 36], { padding: 3 });
  await compare([40, 7, 7, 16], [3, 3, 16, 16], { padding: 1 });
  // Many channels: parts of them are tasks.
  await compare([2, 8, 8, 260], [3, 3, 260, 132], { padding: 1 });
  await compare([5, 8, 8, 132], [3, 3, 132, 260], { padding: 1 });
});

test("groups and depthwise convolutions equal the reference", async () => {
  await compare([3, 9, 8, 12], [3, 3, 4, 6], { groups: 3, stride: [1, 2], padding: 1 });
  await compare([3, 9, 8, 6], [3, 3, 1, 12], { groups: 6, padding: 1 });
  for (const C of [2, 8, 13, 32]) {
    await compare([3, 11, 10, C], [3, 3, 1, C], { groups: C, padding: 1 });
    await compare([3, 11, 10, C], [4, 3, 1, C], {
      groups: C,
      stride: 2,
      dilation: [1, 2],
      padding: 2,
    });
  }
  await compare([20, 28, 28, 8], [3, 3, 1, 8], { groups: 8 });
});

test("convolutions of any kind equal the reference", async () => {
  const two = (most: number, least = 0) => {
    return fc.tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }));
  };
  const property = fc.asyncProperty(
    fc.tuple(fc.integer({ min: 1, max: 4 }), two(14, 1), two(4, 1)),
    fc.tuple(
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 1, max: 19 }),
      fc.constantFrom(1, 1, 1, 2, 5),
    ),
    fc.tuple(two(3, 1), two(3), two(3, 1)),
    async ([N, [H, W], [KH, KW]], [I, O, groups], [stride, padding, dilation]) => {
      const fits = (size: number, kernel: number, axis: 0 | 1): boolean => {
        return size + 2 * padding[axis] >= dilation[axis] * (kernel - 1) + 1;
      };
      if (!fits(H, KH, 0) || !fits(W, KW, 1)) return;
      const options = { stride, padding, dilation, groups };
      await compare([N, H, W, I * groups], [KH, KW, I, O * groups], options);
    },
  );
  await fc.assert(property, { seed: 8, numRuns: 200 });
});

test("numbers that are not finite stay out of the padding", async () => {
  const params = { stride: [1, 1], padding: [0, 1], dilation: [1, 1], groups: 1 } as const;
  const inputs = [host([1, 1, 2, 1], [Infinity, 1]), host([1, 3, 1, 1], [1, 1, 1])];
  const [y] = await outputsOn(cpu, conv2d, { inputs, params });
  assert.equal([...y!.data], [Infinity, Infinity]);
});

test.run();
