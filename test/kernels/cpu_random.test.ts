import { suite } from "uvu";
import { dropout, random } from "../../src/kernels/mod.ts";
import type { Shape } from "../../src/shape.ts";
import { assertCpu, uniform } from "../support/cpu.ts";
import { host, type HostTensor } from "../support/parity.ts";

const test = suite("random numbers on the cpu");

const KEY = host([4], [0xdeadbeef, 77, 0x9abc1234, 3], "u32");

const SHAPES: readonly Shape[] = [[], [1], [3], [5], [16], [17], [67], [50_001], [0]];
const BATCHES: readonly Shape[] = [[3, 5, 7], [5, 1], [2, 12], [9, 33], [300, 100], [2, 0], [0, 3]];

/** The operands beside x: the key, and ids for batches, of either type. */
function* streams(): Generator<readonly [Shape, readonly HostTensor[]]> {
  for (const shape of SHAPES) yield [shape, [KEY]];
  for (const shape of BATCHES) {
    const ids = Array.from({ length: shape[0]! }, (_, i) => i * 3 + (i % 2) * 1e6);
    yield [shape, [KEY, host([shape[0]!], ids, "u32")]];
    yield [shape, [KEY, host([shape[0]!], ids.map((id) => -id), "i32")]];
  }
}

test("random() draws the very words of the reference, and its normal numbers", async () => {
  for (const [shape, inputs] of streams()) {
    const uniform = { shape, dtype: "f32", distribution: "uniform" } as const;
    await assertCpu(random, { inputs, params: uniform });
    const params = { ...uniform, distribution: "normal" } as const;
    await assertCpu(random, { inputs, params }, { rtol: 4e-6, atol: 1e-6 });
  }
});

test("dropout() drops what the reference drops", async () => {
  for (const [shape, stream] of streams()) {
    for (const p of [0, 0.3, 1]) {
      const call = { inputs: [uniform(shape, 1), ...stream], params: { p } };
      await assertCpu(dropout, call, { rtol: 2e-7, atol: 0 });
    }
  }
});

test.run();
