import { suite } from "uvu";
import * as assert from "uvu/assert";
import { matmul, sum } from "../../src/kernels/mod.ts";
import { crews, outputsOn } from "../support/cpu.ts";
import { assertClose, forEachDevice, reference } from "../support/devices.ts";
import { type Product, productOf } from "../support/matmul_products.ts";

const PRODUCTS: readonly Product[] = [
  { M: 13, N: 10, K: 64, transposeA: true },
  { M: 300, N: 33, K: 700, transposeA: true, transposeB: true },
  { M: 2, N: 37, K: 300 },
  { M: 37, N: 2, K: 5, batchA: [3], batchB: [3] },
  { M: 0, N: 4, K: 3 },
  { M: 5, N: 4, K: 0 },
  { M: 5, N: 4, K: 6, batchA: [3], batchB: [] },
];

forEachDevice((device, label) => {
  const test = suite(`column sums of matmul on ${label}`);

  test("they are the sums of op(B) over k, and C stays as it is without them", async () => {
    for (const product of PRODUCTS) {
      const plain = productOf(product), { batchA = [], batchB = [], N, K } = product;
      const call = productOf({ ...product, columnSums: true });
      const [c, sums] = await outputsOn(device, matmul, call);
      assert.equal(sums!.shape, [...batchA, N]);
      const [alone] = await outputsOn(device, matmul, plain);
      const tolerance = { rtol: 1e-6, atol: 3e-7 * (1 + K ** 0.75) };
      assertClose(c!.data, alone!.data, tolerance);
      const params = { axes: [batchB.length + (product.transposeB ? 1 : 0)], keepAxes: false };
      const [want] = await outputsOn(reference, sum, { inputs: [plain.inputs[1]!], params });
      const times = batchA.length === batchB.length ? 1 : batchA[0]!;
      const repeated = Array.from({ length: times }, () => [...want!.data]).flat();
      assertClose(sums!.data, repeated, tolerance, `column sums of ${JSON.stringify(product)}`);
    }
  });

  test.run();
});

const bits = suite("column sums of matmul on the cpu");

bits("they have the bits of sum()", async () => {
  for (const product of PRODUCTS.slice(0, 6)) {
    const call = productOf({ ...product, columnSums: true }), { batchB = [] } = product;
    const params = { axes: [batchB.length + (product.transposeB ? 1 : 0)], keepAxes: false };
    for (const device of crews) {
      const [, sums] = await outputsOn(device, matmul, call);
      const [want] = await outputsOn(device, sum, { inputs: [call.inputs[1]!], params });
      assert.equal(sums!.data, want!.data);
    }
  }
});

bits.run();
