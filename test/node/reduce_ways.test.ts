// How what reduces is launched on WebGPU: decided without a device.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ranked } from "../../src/backend/webgpu/choices/rank.ts";
import * as kernels from "../../src/kernels/mod.ts";
import type { Candidate, Kernel, Spec } from "../../src/kernels/mod.ts";
import { assertSnapshot } from "./snapshots.ts";

const test = suite("ways of reductions");

const f32 = (...shape: number[]): Spec => ({ shape, dtype: "f32" });
const i32 = (...shape: number[]): Spec => ({ shape, dtype: "i32" });
const over = (...axes: readonly number[]) => ({ axes, keepAxes: false });

interface Call {
  // deno-lint-ignore no-explicit-any
  readonly kernel: Kernel<any>;
  readonly inputs: readonly Spec[];
  readonly params: unknown;
}

function call<P>(kernel: Kernel<P>, inputs: readonly Spec[], params: P): Call {
  return { kernel, inputs, params };
}

const smoothing = { labelSmoothing: 0 };

/** Calls by the files that keep their shaders. */
const CALLS: Readonly<Record<string, Call>> = {
  reduce_rows: call(kernels.sum, [f32(512, 1000)], over(1)),
  reduce_columns: call(kernels.max, [f32(512, 1000)], over(0)),
  reduce_channels: call(kernels.mean, [f32(32, 8, 8, 6)], over(0, 1, 2)),
  reduce_argument: call(kernels.argmax, [f32(64, 10)], over(1)),
  softmax_rows: call(kernels.softmax, [f32(512, 1000)], { axis: 1 }),
  softmax_columns: call(kernels.logSoftmax, [f32(10, 64)], { axis: 0 }),
  softmax_log_sums: call(kernels.logSumExp, [f32(7, 33)], over(1)),
  cross_entropy: call(kernels.crossEntropy, [f32(64, 10), i32(64)], smoothing),
  cross_entropy_mean: call(
    kernels.crossEntropyMeanBoth,
    [f32(64, 10), i32(64), f32(64)],
    smoothing,
  ),
  euclidean_step: call(kernels.euclideanStep, [f32(64, 784), f32(64, 784), f32(64, 784)], {
    stepSize: 0.5,
    eps: 0.8,
    box: [0, 1],
  }),
  batch_statistics: call(kernels.batchStatistics, [f32(32, 8, 8, 12)], undefined),
};

function waysOf({ kernel, inputs, params }: Call): readonly Candidate[] {
  return kernel.candidates!(inputs, kernel.outputs(inputs, params), params);
}

test("ways that do not wait have no barrier, and the others have one", () => {
  for (const [what, it] of Object.entries(CALLS)) {
    for (const { name, waits, program } of waysOf(it)) {
      const barrier = program().dispatches.some(({ code }) => code.includes("workgroupBarrier"));
      assert.is(barrier, waits, `${what}, ${name}`);
    }
  }
});

test("lanes meet on every GPU, as webgpu() has it, and on software adapters nobody waits", () => {
  for (const [what, it] of Object.entries(CALLS)) {
    const ways = waysOf(it), { kernel, inputs, params } = it;
    for (const kind of ["nvidia", "amd", "intel", "apple", "qualcomm", "arm", "unknown"] as const) {
      const [first] = ranked(ways, kind),
        own = kernel.webgpu(
          inputs,
          kernel.outputs(inputs, params),
          params,
        );
      assert.equal(first!.program(), own, `${what} on ${kind}`);
      assert.ok(first!.waits, what);
    }
    assert.is(ranked(ways, "software")[0]!.name, "alone", what);
  }
});

test("nothing has no ways", () => {
  assert.equal(waysOf(call(kernels.sum, [f32(0, 3)], over(1))), []);
  assert.equal(waysOf(call(kernels.softmax, [f32(3, 0)], { axis: 1 })), []);
  assert.equal(waysOf(call(kernels.crossEntropyMean, [f32(0, 3), i32(0)], smoothing)), []);
});

test("long sums are shared where outputs are few", () => {
  const groupsOf = (shape: readonly number[], ...axes: readonly number[]): number => {
    const way = waysOf(call(kernels.sum, [f32(...shape)], over(...axes)))[1]!;
    const [x, y] = way.program().dispatches[0]!.workgroups;
    return x * y;
  };
  for (
    const [shape, axes] of [[[1024, 1024], [0, 1]], [[8192, 8], [0]], [[4, 65536], [1]]] as const
  ) {
    assert.ok(groupsOf(shape, ...axes) >= 16, `${shape}`);
  }
});

test("shaders are as they were", () => {
  for (const [file, it] of Object.entries(CALLS)) {
    const [together, alone] = waysOf(it);
    assertSnapshot(`${file}_together`, together!);
    assertSnapshot(`${file}_alone`, alone!);
  }
});

test.run();
