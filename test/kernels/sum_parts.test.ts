// Parts of sums, added up for one product and for several at once.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Kernel, PartsSum, Spec } from "../../src/kernels/mod.ts";
import { sumSegments } from "../../src/kernels/mod.ts";
import { sumParts } from "../../src/kernels/tiles/sum_parts.ts";
import { assertClose, webgpu } from "../support/devices.ts";
import { numbers } from "../support/numbers.ts";
import { host, runOn } from "../support/parity.ts";

const test = suite("sums of parts");

/** A kernel that copies parts, and adds them up. */
function adding({ splits, size, cut, waits }: PartsSum): Kernel {
  const outputs = (): readonly Spec[] => [
    { shape: [cut], dtype: "f32" },
    ...cut === size ? [] : [{ shape: [size - cut], dtype: "f32" as const }],
  ];
  return {
    name: "adding",
    outputs,
    reference() {},
    webgpu() {
      const places = cut === size ? [2, 1] as const : [3, 1, 2] as const;
      const code = `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> parts: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < ${splits * size}u) { parts[id.x] = x[id.x]; }
}
`;
      return {
        scratch: [{ shape: [splits, size], dtype: "f32" }],
        dispatches: [
          {
            code,
            operands: [0, places[0]],
            workgroups: [Math.ceil(splits * size / 64), 1, 1],
          },
          sumParts({ splits, size, cut, waits }, places),
        ],
      };
    },
  };
}

test("sumParts() adds up any number of parts, also to two results", async () => {
  if (webgpu === undefined) return;
  for (const [splits, size, cut] of [[1, 5, 5], [2, 300, 300], [7, 65, 60], [131, 9, 8]] as const) {
    for (const waits of [false, true]) {
      const x = host([splits, size], numbers(splits * size, 1));
      const call = { inputs: [x], params: undefined };
      const results = await runOn(webgpu, adding({ splits, size, cut, waits }), call);
      const sums = Array.from({ length: size }, (_, o) => {
        let sum = 0;
        for (let split = 0; split < splits; split++) sum += x.data[split * size + o]!;
        return sum;
      });
      const got = results.flatMap(({ data }) => [...data as Float32Array]);
      assertClose(got, sums, { rtol: 1e-5, atol: 1e-4 }, `${splits} parts of ${size}`);
    }
  }
});

test("segments of one dispatch have workgroups of their own", () => {
  const one = { splits: 3, size: 1000, cut: 1000, waits: false, from: 0, to: [0, 0] } as const;
  const other = { splits: 64, size: 10, cut: 10, waits: true, from: 3000, to: [1, 64] } as const;
  const { code, workgroups } = sumSegments([one, other], 2);
  assert.equal(workgroups, [4 + 1, 1, 1]);
  assert.match(code, "sums1[64u + o]");
  assert.match(code, "workgroupBarrier");
  assert.not.match(sumSegments([one], 1).code, "workgroupBarrier");
});

test.run();
