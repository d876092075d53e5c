// The loops that measure a GPU: they must do all the work that they are counted for.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { copyRows, measureGpu, multiplyAdds } from "../../bench/machine/webgpu.ts";
import { shareOf } from "../../bench/machine/share.ts";
import type { Operand } from "../../src/backend/mod.ts";
import type { TypedArray } from "../../src/dtype.ts";
import type { Kernel } from "../../src/kernels/mod.ts";
import { hasWebGpu, reference, webgpu } from "../support/devices.ts";

const test = suite("the limits of a GPU");
const onGpu = hasWebGpu ? test : test.skip;

/** The result of a kernel on both devices. */
async function onBoth(kernel: Kernel, inputs: readonly TypedArray[]): Promise<TypedArray[]> {
  return await Promise.all([reference, webgpu!].map(async (device) => {
    const operands = inputs.map((data): Operand => {
      const dtype = data instanceof Uint32Array ? "u32" : "f32";
      return { shape: [data.length], dtype, buffer: device.upload(data, dtype) };
    });
    const outputs = device.run(kernel, operands, undefined);
    const [data] = await device.read(outputs.map(({ buffer }) => buffer));
    for (const { buffer } of [...operands, ...outputs]) buffer.release();
    return data!;
  }));
}

onGpu("every round of multiply-adds runs, on every element", async () => {
  // Few bits, so that all sums are exact.
  const x = Float32Array.from({ length: 300 }, (_, i) => (i % 16 - 8) / 8);
  for (const rounds of [0, 1, 2]) {
    const [want, got] = await onBoth(multiplyAdds, [x, Uint32Array.of(rounds)]);
    // Each step halves what is missing: after 0, 8 and 16 of them it is different each time.
    assert.equal([...got!], [...want!], `${rounds} rounds`);
    assert.is(want![0], rounds === 0 ? 0 : x[0]! * 2 * (1 - 2 ** (-8 * rounds)) * 32);
  }
});

onGpu("every row is copied, also beyond a dimension of workgroups", async () => {
  // 40,000 workgroups and one row.
  const x = Float32Array.from({ length: 4 * (40_000 * 256 + 1) }, (_, i) => i % 8191);
  const [, got] = await onBoth(copyRows, [x]);
  assert.is(got!.length, x.length);
  assert.ok(x.every((value, i) => got![i] === value));
});

onGpu("both rates are measured, and shares are of them", async () => {
  const limits = await measureGpu(webgpu!);
  assert.ok(limits!.peak > 0.01 && limits!.peak < 1e6);
  assert.ok(limits!.copy > 0.01 && limits!.copy < 1e5);
  const rates = { gflops: limits!.peak / 4, gbs: limits!.copy / 2 };
  assert.equal(shareOf({ flops: 1e9, bytes: 8 }, rates, { limits: limits! }), {
    of: "peak",
    share: 0.25,
  });
  assert.equal(shareOf({ flops: 1, bytes: 8 }, rates, { limits: limits! }), {
    of: "memory",
    share: 0.5,
  });
});

test.run();
