// Every way of what reduces against the reference on WebGPU, not only the one that would be chosen, and
// twice: the bits must be the same.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as kernels from "../../src/kernels/mod.ts";
import type { Candidate, Kernel } from "../../src/kernels/mod.ts";
import { type Shape, sizeOf } from "../../src/shape.ts";
import { outputsOn, uniform, whole } from "../support/cpu.ts";
import { assertClose, hasWebGpu, reference, type Tolerance, webgpu } from "../support/devices.ts";
import { numbers } from "../support/numbers.ts";
import { host, type HostTensor } from "../support/parity.ts";

const test = suite("ways of reductions on webgpu");

const seen = new Map<string, Set<boolean>>();

async function compare<P>(
  kernel: Kernel<P>,
  inputs: readonly HostTensor[],
  { params, tolerance = { rtol: 2e-6, atol: 2e-6 } }: {
    readonly params: P;
    readonly tolerance?: Tolerance;
  },
): Promise<void> {
  const call = { inputs, params }, want = await outputsOn(reference, kernel, call);
  const ways = kernel.candidates!(inputs, want, params);
  assert.is(ways.length, 2, kernel.name);
  for (const way of ways) {
    const by = only(kernel, way), got = await outputsOn(webgpu!, by, call);
    const again = await outputsOn(webgpu!, by, call);
    const what = `${kernel.name} of ${inputs.map(({ shape }) => shape.join("x")).join(" and ")}, ` +
      way.name;
    want.forEach(({ data }, i) => {
      assertClose(got[i]!.data, data, tolerance, `${what}, output ${i}`);
      assert.equal(bits(again[i]!), bits(got[i]!), `${what}: runs differ`);
    });
    seen.set(kernel.name, (seen.get(kernel.name) ?? new Set()).add(way.waits));
  }
}

/** Bits, as NaN is not equal to itself. */
function bits({ data }: HostTensor): Uint32Array {
  return new Uint32Array(data.slice().buffer);
}

/** The kernel, one way. */
function only<P>(kernel: Kernel<P>, way: Candidate): Kernel<P> {
  const { candidates: _, ...others } = kernel;
  return { ...others, webgpu: () => way.program() };
}

/** Rows, columns, the middle and all of it; rows of four, of two and odd; one share and several. */
const CASES: readonly (readonly [Shape, axes: readonly number[]])[] = [
  [[5, 132], [1]],
  [[5, 131], [1]],
  [[90, 8], [0]],
  [[91, 7], [0]],
  [[3, 70, 6], [1]],
  [[4, 6, 5, 10], [0, 2]],
  [[3, 4, 2000], [1, 2]],
  [[2003, 2], [0]],
];

if (hasWebGpu) {
  test("sums and extremes, of f32 and of whole numbers", async () => {
    for (const [shape, axes] of CASES) {
      const params = { axes, keepAxes: false }, count = sizeOf(axes.map((axis) => shape[axis]!));
      const x = uniform(shape, 1), ties = whole(shape, 2);
      const near = { rtol: 2e-6, atol: 2e-7 * count ** 0.5 * Math.log2(count) };
      await compare(kernels.sum, [x], { params, tolerance: near });
      await compare(kernels.mean, [x], { params });
      for (const name of ["max", "min", "argmax", "argmin"] as const) {
        await compare(kernels[name], [x], { params, tolerance: { rtol: 0, atol: 0 } });
        await compare(kernels[name], [ties], { params, tolerance: { rtol: 0, atol: 0 } });
      }
      await compare(kernels.sum, [ties], { params, tolerance: { rtol: 0, atol: 0 } });
    }
  });

  test("softmax and its relatives", async () => {
    for (const [shape, [axis]] of CASES) {
      const x = host(shape, numbers(sizeOf(shape), 6).map((v) => 20 * v));
      const params = { axis: axis! };
      await compare(kernels.softmax, [x], { params, tolerance: { rtol: 2e-5, atol: 1e-30 } });
      await compare(kernels.logSoftmax, [x], { params, tolerance: { rtol: 1e-6, atol: 2e-6 } });
      await compare(kernels.logSumExp, [x], { params: { axes: [axis!], keepAxes: false } });
    }
  });

  test("margins and cross entropies, also of labels out of range", async () => {
    for (const [examples, classes] of [[9, 10], [70, 3], [5, 133]] as const) {
      const z = host([examples, classes], numbers(examples * classes, 3).map((v) => 6 * v));
      const labels = host(
        [examples],
        Array.from({ length: examples }, (_, i) => {
          return i === 2 ? classes : i * 7 % classes;
        }),
        "i32",
      );
      const g = uniform([examples], 4), params = { labelSmoothing: 0.1 };
      await compare(kernels.margin, [z, labels], { params: undefined });
      await compare(kernels.marginGrad, [z, labels, g], { params: undefined });
      await compare(kernels.crossEntropy, [z, labels], { params });
      await compare(kernels.crossEntropyGrad, [z, labels, g], { params });
      await compare(kernels.crossEntropyBoth, [z, labels, g], { params });
      for (const valid of [labels, host([examples], labels.data.map((t) => t % classes), "i32")]) {
        await compare(kernels.crossEntropyMean, [z, valid], { params });
        await compare(kernels.crossEntropyMeanBoth, [z, valid, g], { params });
      }
    }
  });

  test("Euclidean steps, statistics of channels, and the sums of their gradients", async () => {
    const x = uniform([6, 151], 1), g = uniform([6, 151], 2), center = uniform([6, 151], 3);
    const params = { stepSize: 0.5, eps: 0.8, box: [0, 1] } as const;
    await compare(kernels.euclideanStep, [x, g, center], { params });
    for (const shape of [[4, 6, 5, 12], [700, 3]]) {
      const image = uniform(shape, 4), other = uniform(shape, 5), channels = shape.at(-1)!;
      const mean = uniform([channels], 6), variance = uniform([channels], 7, [0.5, 1]);
      await compare(kernels.batchStatistics, [image], { params: undefined });
      await compare(kernels.batchNormSums, [other, image, mean, variance], {
        params: { epsilon: 1e-5 },
        tolerance: { rtol: 1e-5, atol: 1e-4 },
      });
    }
  });

  test("every kernel was run both ways", () => {
    assert.is(seen.size, 19);
    for (const [name, waits] of seen) assert.is(waits.size, 2, name);
  });
}

test.run();
