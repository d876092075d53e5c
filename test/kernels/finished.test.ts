// Kernels with epilogues: the kernel, then elementwise steps over its first result.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  batchNorm,
  batchNormRunning,
  type ChainStep,
  elementwiseChain,
  finished,
  type Kernel,
  maxPool2dGrad,
} from "../../src/kernels/mod.ts";
import { sizeOf } from "../../src/shape.ts";
import { reference, webgpu } from "../support/devices.ts";
import { numbers } from "../support/numbers.ts";
import { host, type HostTensor, runOn } from "../support/parity.ts";
import { assertUpdateParity } from "../support/updates.ts";

const test = suite("finished kernels");

/** relu(value + residual), where the residual is the second operand of the steps. */
function steps(shape: readonly number[]): readonly ChainStep[] {
  return [
    { name: "add", shape, inputs: [{ external: 0 }, { external: 1 }] },
    { name: "relu", shape, inputs: [{ step: 0 }] },
  ];
}

function filled(shape: readonly number[], seed: number): HostTensor {
  return host(shape, numbers(sizeOf(shape), seed));
}

/** What the kernel gives, and what it gives with the steps in the same shader. */
async function bothWays<P>(
  kernel: Kernel<P>,
  inputs: readonly HostTensor[],
  params: P,
): Promise<readonly (readonly [apart: readonly unknown[], together: readonly unknown[]])[]> {
  const [{ shape }] = kernel.outputs(inputs, params) as [HostTensor];
  const residual = filled(shape, 99), chain = { steps: steps(shape), results: [1] };
  const devices = [reference, ...webgpu === undefined ? [] : [webgpu]];
  return await Promise.all(devices.map(async (device) => {
    const [first, ...others] = await runOn(device, kernel, { inputs, params });
    const [last] = await runOn(device, elementwiseChain, {
      inputs: [first!, residual],
      params: chain,
    });
    const whole = await runOn(device, finished(kernel), {
      inputs: [...inputs, residual],
      params: { own: params, operands: inputs.length, steps: chain.steps },
    });
    return [[last, ...others], whole] as const;
  }));
}

test("an epilogue gives the bits of the steps after the kernel", async () => {
  const x = [3, 4, 5, 6], channels = [1, 2, 3].map((seed) => filled([6], seed));
  const variance = host([6], numbers(6, 4).map((value) => value ** 2 + 0.5));
  const normalized = await bothWays(
    batchNorm,
    [filled(x, 5), ...channels, variance],
    { epsilon: 1e-5 },
  );
  const places = host([2, 2, 2, 3], [...Array(24).keys()].map((i) => i % 16), "i32");
  const pooled = await bothWays(maxPool2dGrad, [filled([2, 2, 2, 3], 6), places], {
    kernelSize: [2, 2],
    stride: [2, 2],
    padding: [0, 0],
    size: [4, 4],
  });
  for (const [apart, together] of [...normalized, ...pooled]) assert.equal(together, apart);
});

test("what the kernel updates is updated, and stands before the results", async () => {
  const shape = [5, 4, 3], inputs = [filled(shape, 1), filled([3], 2), filled([3], 3)];
  const own = { epsilon: 1e-5, momentum: 0.25 }, kernel = finished(batchNormRunning);
  const given = [...inputs, filled(shape, 99)];
  const params = { own, operands: 3, steps: steps(shape) };
  assert.equal(
    kernel.outputs(given, params).map((spec) => spec.shape),
    [[3], [3], shape, [3], [3]],
  );
  const state = [filled([3], 4), filled([3], 5)];
  await assertUpdateParity(kernel, { inputs: given, state, params }, { rtol: 1e-5, atol: 1e-6 });
});

test("a kernel has one finished kernel", () => {
  assert.is(finished(batchNorm), finished(batchNorm));
});

test.run();
