import { suite } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { margin, marginGrad } from "../../src/kernels/mod.ts";
import { tensor, zeros } from "../../src/tensor/mod.ts";
import { assertClose, forEachDevice, reference } from "../support/devices.ts";
import { integers, numbers, sample } from "../support/numbers.ts";
import { assertParity, host } from "../support/parity.ts";

const SIZES = [[1, 2], [3, 2], [5, 3], [131, 10], [3, 257], [2, 1001], [0, 4]] as const;

const parity = suite("margin on webgpu");

parity(
  "margin() and its gradient equal the reference, NaN for labels out of range included",
  async () => {
    for (const dtype of ["i32", "u32"] as const) {
      for (const [N, C] of SIZES) {
        const labels = integers(N, C + 1, 4);
        if (N > 1) labels[1] = dtype === "i32" ? -1 : 4294967295;
        const z = host([N, C], numbers(N * C, 9).map((v) => 20 * v));
        const inputs = [z, host([N], labels, dtype)];
        await assertParity(margin, { inputs, params: undefined }, { rtol: 1e-6, atol: 4e-6 });
        const g = host([N], numbers(N, 10));
        const call = { inputs: [...inputs, g], params: undefined };
        await assertParity(marginGrad, call, { rtol: 2e-5, atol: 1e-30 });
      }
    }
  },
);

parity.run();

forEachDevice((device, label) => {
  const test = suite(`margin on ${label}`);
  const labels = (values: readonly number[]) => tensor(values, { device, dtype: "i32" });

  test("margin() is the logSumExp of the other logits minus that of the class", async () => {
    const z = tensor([[1, 2, 3], [0, 0, 0]], { device });
    const m = z.margin(labels([0, 2]));
    assertClose(await m.data(), [Math.log(Math.exp(2) + Math.exp(3)) - 1, Math.log(2)]);
    const losses = z.crossEntropy(labels([0, 2]), { reduction: "none" });
    assertClose(await m.softplus().data(), await losses.data(), { atol: 2e-6 });
  });

  test("margin() keeps direction and size of its gradient when one logit is far ahead", async () => {
    const z = tensor([[1000, 1, 0], [-1000, 200, 201]], { device, requiresGrad: true });
    const m = z.margin(labels([0, 0]));
    assertClose(await m.data(), [1.3132617 - 1000, 1201.3132617], { rtol: 1e-7, atol: 0 });
    m.sum().backward();
    const p = 1 / (1 + Math.exp(-1));
    assertClose(await z.grad!.data(), [-1, p, 1 - p, -1, 1 - p, p]);
  });

  test("margin() refuses labels out of range by name, and marks unknown ones with NaN", async () => {
    const z = zeros([3, 4], { device, requiresGrad: true });
    assert.throws(
      () => z.margin(labels([0, 4, -2])),
      "Cannot take the margin of labels from -2 to 4: logits of shape [3, 4] have 4 classes, " +
        "labels must be from 0 to 3",
    );
    const unknown = labels([1, 0, 2]).mul(2); // what the host does not know
    const m = z.margin(unknown);
    const found = await m.data();
    assertClose(found, [Math.log(3), Math.log(3), NaN]);
    m.sum().backward();
    const gradient = await z.grad!.data();
    assert.equal(Array.from(gradient, Number.isNaN), [
      ...new Array(8).fill(false),
      ...new Array(4).fill(true),
    ]);
  });

  test("margin() refuses shapes and types that do not fit", () => {
    const z = zeros([3, 4], { device });
    assert.throws(
      () => z.margin(labels([1, 2])),
      "Cannot take the margin of logits of shape [3, 4] and labels of shape [2]: " +
        "labels must be class numbers of shape [3]",
    );
    assert.throws(
      () => z.reshape([12]).margin(labels([1])),
      /logits must be \[examples, classes\]/,
    );
    assert.throws(
      () => z.reshape([12, 1]).margin(zeros([12], { device, dtype: "i32" })),
      /at least 2 classes/,
    );
    assert.throws(
      () => z.margin(zeros([3], { device })),
      'Cannot take the margin of labels of type f32: labels must be i32 or u32, use cast("i32")',
    );
    assert.throws(
      () => labels([1, 2, 3, 4]).reshape([2, 2]).margin(labels([0, 1])),
      /Cannot take the margin of logits of type i32/,
    );
  });

  test.run();
});

const gradients = suite("margin gradients");

for (const [N, C] of [[1, 2], [3, 5], [4, 3]] as const) {
  gradients(`margin() of [${N}, ${C}] is right to second order`, async () => {
    const z = sample([N, C], 5, { device: reference, dtype: "f64" });
    const labels = tensor(integers(N, C, 6), { device: reference, dtype: "u32" });
    await gradcheck((z) => z.mul(3).margin(labels).square(), [z], { order: 2 });
  });
}

gradients("margin() has no gradients where there are no examples", () => {
  const z = zeros([0, 3], { device: reference, requiresGrad: true });
  z.margin(zeros([0], { device: reference, dtype: "i32" })).sum().backward();
  assert.equal(z.grad!.shape, [0, 3]);
});

gradients.run();
