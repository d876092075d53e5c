// Every way to a convolution and its gradients on WebGPU against the reference, not only the one that
// would be chosen.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Epilogue } from "../../src/kernels/epilogue.ts";
import {
  type Candidate,
  conv2d,
  conv2dInputGrad,
  type Conv2dParams,
  conv2dWeightGrad,
  type Kernel,
} from "../../src/kernels/mod.ts";
import type { Shape } from "../../src/shape.ts";
import { outputsOn, uniform } from "../support/cpu.ts";
import { assertClose, hasWebGpu, reference, webgpu } from "../support/devices.ts";
import { bindEpilogue } from "../support/matmul_products.ts";
import type { HostTensor } from "../support/parity.ts";

const test = suite("ways of conv2d on webgpu");

/** A convolution: shape of the images, of the weights, and how it slides. */
type Case = readonly [x: Shape, w: Shape, params: Partial<Conv2dParams>];

const CASES: readonly Case[] = [
  [[3, 7, 5, 1], [3, 3, 1, 8], { padding: [1, 1] }],
  [[4, 9, 8, 8], [3, 3, 8, 12], { stride: [2, 2], padding: [1, 1] }],
  [[2, 7, 9, 6], [5, 3, 6, 12], { stride: [3, 2], padding: [2, 1] }],
  [[3, 8, 8, 8], [3, 3, 8, 16], { dilation: [2, 3], padding: [2, 3] }],
  [[2, 5, 4, 20], [1, 1, 20, 36], { stride: [2, 2] }],
];

function paramsOf(params: Partial<Conv2dParams>): Conv2dParams {
  return { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1, ...params };
}

/** The kernel, one way. */
function by<P>(kernel: Kernel<P>, candidate: Candidate, epilogue?: Epilogue): Kernel<P> {
  const { candidates: _, ...others } = kernel;
  const name = `${kernel.name}, ${candidate.name}`;
  return { ...others, name, webgpu: () => candidate.program(epilogue) };
}

const seen = new Set<string>();

/** Software adapters compile large tiles for many seconds; matmul's tests have these, too. */
const LARGE = /8x[48] each/;

/** Compares the direct way and a tile; results twice, bit by bit. */
async function compare<P>(
  kernel: Kernel<P>,
  inputs: readonly HostTensor[],
  params: P,
): Promise<void> {
  const call = { inputs, params }, want = await outputsOn(reference, kernel, call);
  const ways = kernel.candidates!(inputs, want, params).filter(({ name }) => !LARGE.test(name));
  const tiles = ways.filter(({ waits }) => waits).slice(0, 1);
  for (const candidate of [...ways.filter(({ waits }) => !waits), ...tiles]) {
    seen.add(`${kernel.name} ${candidate.name.split(" ")[0]}`);
    const shapes = inputs.map(({ shape }) => shape.join("x")).join(" and ");
    const what = `${kernel.name}, ${candidate.name} of ${shapes}`;
    const got = await outputsOn(webgpu!, by(kernel, candidate), call);
    const again = await outputsOn(webgpu!, by(kernel, candidate), call);
    want.forEach(({ data }, i) => {
      assertClose(got[i]!.data, data, { rtol: 1e-5, atol: 1e-5 }, `${what}, output ${i}`);
      assert.equal(again[i]!.data, got[i]!.data, `${what}: runs differ`);
    });
  }
}

if (hasWebGpu) {
  for (const [xs, ws, given] of CASES) {
    test(`convolutions of ${xs.join("x")} by ${ws.join("x")}`, async () => {
      const params = paramsOf(given), x = uniform(xs, 1), w = uniform(ws, 2);
      const [y] = await outputsOn(reference, conv2d, { inputs: [x, w], params });
      const g = uniform(y!.shape, 3);
      await compare(conv2d, [x, w], params);
      await compare(conv2dInputGrad, [g, w], { ...params, size: [xs[1]!, xs[2]!] });
      const kernelSize = [ws[0]!, ws[1]!] as const;
      await compare(conv2dWeightGrad, [x, g], { ...params, kernelSize, bias: true });
    });
  }

  test("sums of many windows are shared, with a bias and without", async () => {
    const params = { ...paramsOf({ padding: [1, 1] }), kernelSize: [3, 3] as const };
    const x = uniform([6, 17, 19, 4], 1), g = uniform([6, 17, 19, 8], 2);
    await compare(conv2dWeightGrad, [x, g], params);
    await compare(conv2dWeightGrad, [x, g], { ...params, bias: true });
    await compare(conv2d, [uniform([2, 3, 3, 128], 3), uniform([3, 3, 128, 16], 4)], params);
  });

  test("an epilogue goes over the result", async () => {
    const params = paramsOf({ padding: [1, 1], stride: [2, 2] });
    const size = [8, 6] as const, x = uniform([3, 8, 6, 8], 1), w = uniform([3, 3, 8, 8], 2);
    const g = uniform([3, 4, 3, 8], 3);
    const calls = [[conv2d, [x, w], params], [conv2dInputGrad, [g, w], {
      ...params,
      size,
    }]] as const;
    // deno-lint-ignore no-explicit-any
    for (const [kernel, inputs, own] of calls as readonly (readonly [Kernel<any>, any, any])[]) {
      const [plain] = await outputsOn(reference, kernel, { inputs, params: own });
      const residual = uniform(plain!.shape, 5);
      const want = plain!.data.map((value, at) => Math.max(0, value + residual.data[at]!));
      const epilogue: Epilogue = {
        operands: [["residual", residual]],
        functions:
          "fn epilogue(at: u32, value: f32) -> f32 { return max(0.0, value + residual[at]); }\n",
      };
      for (const candidate of kernel.candidates!(inputs, [plain!], own)) {
        if (LARGE.test(candidate.name)) continue;
        const whole = bindEpilogue(by(kernel, candidate, epilogue), 2);
        const [got] = await outputsOn(webgpu!, whole, {
          inputs: [...inputs, residual],
          params: own,
        });
        assertClose(got!.data, want, { rtol: 1e-5, atol: 1e-5 }, candidate.name);
      }
    }
  });

  test("every kind of way was seen", () => {
    for (const way of ["conv2d implicit", "conv2dInputGrad phases", "conv2dWeightGrad product"]) {
      assert.ok(seen.has(way), way);
    }
    for (const kernel of [conv2d, conv2dInputGrad, conv2dWeightGrad]) {
      assert.ok(seen.has(`${kernel.name} direct`), kernel.name);
    }
  });
}

test.run();
