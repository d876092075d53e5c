// How convolutions are launched on WebGPU: decided without a device.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type Candidate,
  conv2d,
  conv2dInputGrad,
  type Conv2dParams,
  conv2dWeightGrad,
} from "../../src/kernels/mod.ts";
import type { Shape } from "../../src/shape.ts";
import { assertSnapshot } from "./snapshots.ts";

const test = suite("ways of conv2d");

/** Images, weights and strides of a layer; 3x3 weights are padded. */
type Layer = readonly [x: Shape, w: Shape, stride?: number];

/** The layers of the networks that are measured, and of a larger one. */
const LAYERS: readonly Layer[] = [
  [[64, 28, 28, 1], [3, 3, 1, 16]],
  [[64, 14, 14, 16], [3, 3, 16, 32]],
  [[32, 32, 32, 3], [3, 3, 3, 16]],
  [[32, 32, 32, 16], [3, 3, 16, 16]],
  [[32, 32, 32, 16], [3, 3, 16, 32], 2],
  [[32, 32, 32, 16], [1, 1, 16, 32], 2],
  [[32, 16, 16, 32], [3, 3, 32, 32]],
  [[32, 16, 16, 32], [3, 3, 32, 64], 2],
  [[32, 8, 8, 64], [3, 3, 64, 64]],
  [[128, 32, 32, 64], [3, 3, 64, 64]],
  [[128, 4, 4, 512], [3, 3, 512, 512]],
];

interface Ways {
  readonly forward: readonly Candidate[];
  readonly images: readonly Candidate[];
  readonly weights: readonly Candidate[];
}

function waysOf([xs, ws, step = 1]: Layer): Ways {
  const spec = (shape: Shape) => ({ shape, dtype: "f32" as const });
  const pad = ws[0] === 3 ? 1 : 0;
  const params: Conv2dParams = {
    stride: [step, step],
    padding: [pad, pad],
    dilation: [1, 1],
    groups: 1,
  };
  const x = spec(xs), w = spec(ws), [y] = conv2d.outputs([x, w], params);
  const size = [xs[1]!, xs[2]!] as const, kernelSize = [ws[0]!, ws[1]!] as const;
  return {
    forward: conv2d.candidates!([x, w], [y!], params),
    images: conv2dInputGrad.candidates!([y!, w], [x], { ...params, size }),
    weights: conv2dWeightGrad.candidates!([x, y!], [w, spec([ws[3]!])], {
      ...params,
      kernelSize,
      bias: true,
    }),
  };
}

/** Workgroups of the largest dispatch of a way. */
function groupsOf(way: Candidate): number {
  return Math.max(...way.program().dispatches.map(({ workgroups: [x, y, z] }) => x * y * z));
}

test("the layers of the models fill a GPU: at least 128 workgroups, there and back", () => {
  for (const layer of LAYERS) {
    for (const [kernel, [way]] of Object.entries(waysOf(layer)) as [string, Candidate[]][]) {
      const what = `${kernel}, ${way!.name}, of ${layer[0].join("x")} by ${layer[1].join("x")}`;
      assert.ok(groupsOf(way!) >= 128, `${what}: ${groupsOf(way!)} workgroups`);
    }
  }
});

test("large layers take tiles of at least 64x64, without shares", () => {
  const { forward, images } = waysOf([[128, 32, 32, 64], [3, 3, 64, 64]]);
  assert.match(forward[0]!.name, /^implicit (128|64)x64x16, 8x[48] each$/);
  assert.match(images[0]!.name, /^phases (128|64)x64x16, 8x[48] each$/);
});

test("every convolution has a way without waiting, and no two ways have one name", () => {
  for (const layer of LAYERS) {
    for (const ways of Object.values(waysOf(layer)) as (readonly Candidate[])[]) {
      assert.ok(ways.some(({ waits }) => !waits));
      assert.is(new Set(ways.map(({ name }) => name)).size, ways.length);
      for (const { name, waits, program } of ways) {
        const barrier = program().dispatches.some(({ code }) => code.includes("workgroupBarrier"));
        assert.is(barrier, waits, name);
      }
    }
  }
});

test("shaders are as they were", () => {
  const small = waysOf([[3, 8, 7, 8], [3, 3, 8, 12], 2]);
  for (const [kernel, ways] of Object.entries(small) as [string, readonly Candidate[]][]) {
    const direct = ways.find(({ waits }) => !waits)!;
    assertSnapshot(`conv2d_${kernel}_tiles`, ways[0]!);
    assertSnapshot(`conv2d_${kernel}_direct`, direct);
  }
  const { forward, images } = waysOf([[64, 9, 10, 4], [3, 3, 4, 4]]);
  assertSnapshot("conv2d_forward_strip", forward.at(-1)!);
  assertSnapshot("conv2d_images_strip", images.at(-1)!);
});

test.run();
