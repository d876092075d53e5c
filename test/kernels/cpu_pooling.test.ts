import * as fc from "fast-check";
import { suite } from "uvu";
import { avgPool2d, avgPool2dGrad, maxPool2d, maxPool2dGrad } from "../../src/kernels/mod.ts";
import { assertCpu, outputsOn, uniform, whole } from "../support/cpu.ts";
import { reference } from "../support/devices.ts";
import { host } from "../support/parity.ts";

const test = suite("pooling on the cpu");

type Two = readonly [number, number];

/** All four kernels; images hold few different numbers, so that many are equal. */
async function compare(
  [N, H, W, C]: readonly [number, number, number, number],
  [kernelSize, stride, padding]: readonly [Two, Two, Two],
): Promise<void> {
  const params = { kernelSize, stride, padding }, size = [H, W] as const;
  const counted = whole([N, H, W, C], 1, { low: -3, high: 4 });
  const x = host(counted.shape, counted.data);
  await assertCpu(maxPool2d, { inputs: [x], params });
  const [y, places] = await outputsOn(reference, maxPool2d, { inputs: [x], params });
  const g = uniform(y!.shape, 2), near = { rtol: 1e-6, atol: 1e-6 };
  await assertCpu(maxPool2dGrad, { inputs: [g, places!], params: { ...params, size } }, near);
  for (const countIncludePad of [true, false]) {
    const settings = { ...params, countIncludePad };
    await assertCpu(avgPool2d, { inputs: [x], params: settings }, near);
    await assertCpu(avgPool2dGrad, { inputs: [g], params: { ...settings, size } }, near);
  }
}

test("windows that tile the image, overlap, are padded or span it equal the reference", async () => {
  for (const C of [1, 6, 8, 16]) await compare([5, 28, 28, C], [[2, 2], [2, 2], [0, 0]]);
  await compare([3, 29, 29, 5], [[2, 2], [2, 2], [0, 0]]);
  await compare([3, 17, 17, 20], [[3, 3], [2, 2], [1, 1]]);
  await compare([3, 8, 8, 33], [[8, 8], [1, 1], [0, 0]]);
  await compare([0, 4, 4, 3], [[2, 2], [2, 2], [0, 0]]);
});

test("windows of any size equal the reference", async () => {
  const property = fc.asyncProperty(
    fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 4, maxLength: 4 }),
    fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 4, maxLength: 4 }),
    fc.array(fc.nat(2), { minLength: 2, maxLength: 2 }),
    async ([N, H, W, C], [KH, KW, SH, SW], [ph, pw]) => {
      const padding = [Math.min(ph!, KH! >> 1), Math.min(pw!, KW! >> 1)] as const;
      if (H! + 2 * padding[0] < KH! || W! + 2 * padding[1] < KW!) return;
      await compare([N! % 4, H!, W!, C!], [[KH!, KW!], [SH!, SW!], padding]);
    },
  );
  await fc.assert(property, { seed: 6, numRuns: 100 });
});

test.run();
