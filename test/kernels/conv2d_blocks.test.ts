// Blocks of the direct ways, larger than small images would choose, against the reference: with edges,
// strides, dilations and groups, and channels in vectors of 1, 2 and 4.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Block, blocksOf, type Whole } from "../../src/kernels/conv2d/block.ts";
import { conv2dSizes, inputGradSizes, weightGradSizes } from "../../src/kernels/conv2d/sizes.ts";
import { directProgram, directWhole } from "../../src/kernels/conv2d/webgpu_direct.ts";
import {
  directInputGradProgram,
  inputGradWhole,
} from "../../src/kernels/conv2d/webgpu_input_grad.ts";
import { inputStripProgram } from "../../src/kernels/conv2d/webgpu_input_strip.ts";
import { seenFrom, seesTogether } from "../../src/kernels/conv2d/strip.ts";
import { stripProgram, stripWhole } from "../../src/kernels/conv2d/webgpu_strip.ts";
import {
  directWeightGradProgram,
  weightGradWhole,
} from "../../src/kernels/conv2d/webgpu_weight_grad.ts";
import {
  conv2d,
  conv2dInputGrad,
  type Conv2dParams,
  conv2dWeightGrad,
  type Kernel,
  type Program,
} from "../../src/kernels/mod.ts";
import type { Shape } from "../../src/shape.ts";
import { outputsOn, uniform } from "../support/cpu.ts";
import { assertClose, hasWebGpu, reference, webgpu } from "../support/devices.ts";
import type { HostTensor } from "../support/parity.ts";

const test = suite("blocks of conv2d");

/** Shape of the images, of the weights, and how it slides. */
const CASES: readonly (readonly [Shape, Shape, Partial<Conv2dParams>])[] = [
  [[2, 7, 5, 1], [3, 3, 1, 16], { padding: [1, 1] }],
  [[2, 9, 11, 8], [3, 3, 8, 16], { stride: [2, 2], padding: [1, 1] }],
  [[1, 7, 9, 6], [5, 3, 6, 12], { stride: [3, 2], padding: [2, 1] }],
  [[2, 8, 8, 16], [3, 3, 4, 32], { dilation: [2, 1], padding: [2, 1], groups: 4 }],
  [[1, 1, 1, 16], [1, 1, 16, 8], {}],
  [[1, 5, 19, 2], [2, 5, 2, 8], { padding: [0, 3], dilation: [1, 2] }],
];
const BLOCKS: readonly Block[] = [[1, 1], [3, 2], [5, 1], [16, 2], [2, 4]]
  .map(([rows, vectors]) => ({ rows: rows!, vectors: vectors! }));

function divides(count: number, part: number): boolean {
  return count % part === 0;
}

async function compare<P>(
  kernel: Kernel<P>,
  call: { readonly inputs: readonly HostTensor[]; readonly params: P },
  ways: readonly (readonly [Block, Program])[],
): Promise<number> {
  const want = await outputsOn(reference, kernel, call);
  for (const [{ rows, vectors }, program] of ways) {
    const { candidates: _, ...others } = kernel;
    const got = await outputsOn(webgpu!, { ...others, webgpu: () => program }, call);
    want.forEach(({ data }, i) => {
      const what = `${kernel.name}, blocks of ${rows} and ${vectors} vectors, output ${i}`;
      assertClose(got[i]!.data, data, { rtol: 1e-5, atol: 1e-5 }, what);
    });
  }
  return ways.length;
}

if (hasWebGpu) {
  for (const [xs, ws, given] of CASES) {
    test(`${xs.join("x")} by ${ws.join("x")}`, async () => {
      const params: Conv2dParams = {
        stride: [1, 1],
        padding: [0, 0],
        dilation: [1, 1],
        groups: 1,
        ...given,
      };
      const x = uniform(xs, 1), w = uniform(ws, 2), size = [xs[1]!, xs[2]!] as const;
      const [y] = await outputsOn(reference, conv2d, { inputs: [x, w], params });
      const g = uniform(y!.shape, 3), kernelSize = [ws[0]!, ws[1]!] as const;
      const fitting = (whole: Whole, wholeRows: boolean) =>
        BLOCKS.filter(({ rows, vectors }) => {
          return divides(whole.group, vectors) && (!wholeRows || divides(whole.line!, rows));
        });

      const forward = directWhole(conv2dSizes(x, w, params));
      const a = await compare(
        conv2d,
        { inputs: [x, w], params },
        fitting(forward, false).map(
          (block) => [block, directProgram([x, w], params, { block })],
        ),
      );
      await compare(
        conv2d,
        { inputs: [x, w], params },
        fitting(stripWhole(conv2dSizes(x, w, params)), false).map((block) => {
          return [block, stripProgram([x, w], params, { block })];
        }),
      );

      const back = { ...params, size }, inner = inputGradWhole(inputGradSizes(g, w, back), [1, 1]);
      const b = await compare(
        conv2dInputGrad,
        { inputs: [g, w], params: back },
        fitting(inner, false).map((
          block,
        ) => [block, directInputGradProgram([g, w], back, { block })]),
      );

      if (params.stride[0] === 1 && params.stride[1] === 1) {
        await compare(
          conv2dInputGrad,
          { inputs: [g, w], params: back },
          fitting(inner, false).map((block) => {
            return [block, inputStripProgram([g, w], back, { block })];
          }),
        );
      }

      const own = { ...params, kernelSize, bias: true };
      const sums = weightGradWhole(weightGradSizes(x, g, own));
      const c = await compare(
        conv2dWeightGrad,
        { inputs: [x, g], params: own },
        fitting(sums, true).map((block) => {
          return [block, directWeightGradProgram([x, g], w, { params: own, block })];
        }),
      );
      assert.ok(a >= 2 && b >= 2 && c >= 1, `${a}, ${b}, ${c} blocks`);
    });
  }
}

test("pixels of a strip see each place once, where their windows overlap", () => {
  const window = (kernel: number, stride: number, dilation: number) => {
    return { size: 40, padding: 0, kernel, stride, dilation };
  };
  assert.equal(seenFrom(3, window(3, 1, 1)), [0, 1, 2, 3, 4]);
  assert.equal(seenFrom(2, window(3, 2, 1)), [0, 1, 2, 3, 4]);
  assert.equal(seenFrom(2, window(2, 1, 3)), [0, 1, 3, 4]);
  assert.is(seesTogether(28, window(3, 1, 1)), true);
  assert.is(seesTogether(28, window(3, 2, 1)), true);
  assert.is(seesTogether(28, window(1, 1, 1)), false, "a single tap");
  assert.is(seesTogether(28, window(2, 2, 1)), false, "windows side by side");
  assert.is(seesTogether(7, window(3, 1, 1)), false, "too short a line");
  assert.is(seesTogether(28, window(9, 1, 1)), false, "too many taps");
});

test("blocks cut no group of channels, and leave enough of them to do", () => {
  for (
    const whole of [
      { rows: 64 * 14 * 14, vectors: 8, group: 8 },
      { rows: 64 * 14 * 14, line: 14, vectors: 6, group: 3 },
      { rows: 36, line: 4, width: 4, vectors: 8, group: 8, shares: 896 },
      { rows: 9, line: 1, width: 1, vectors: 5, group: 5, shares: 4000 },
      { rows: 1, vectors: 1, group: 1 },
    ] as readonly Whole[]
  ) {
    const blocks = blocksOf(whole), { shares = 1, width = 1, line = whole.rows } = whole;
    assert.ok(blocks.length >= 1);
    for (const { rows, vectors } of blocks) {
      assert.ok(divides(whole.group, vectors), `${vectors} of ${whole.group}`);
      if (width > 1) assert.ok(divides(line, rows), `${rows} of ${line}`);
    }
    for (const { rows, vectors } of blocks.slice(1)) {
      assert.ok(whole.rows * whole.vectors * shares >= 512 * rows * vectors);
    }
    const names = blocks.map(({ rows, vectors }) => `${rows}x${vectors}`);
    assert.is(new Set(names).size, names.length);
  }
  // A line of 14 is cut into halves, not into 8 and 6.
  const halves = blocksOf({ rows: 64 * 14 * 14, line: 14, vectors: 4, group: 4 });
  assert.equal(halves.map(({ rows }) => rows), [4, 14, 14, 7]);
});

test.run();
