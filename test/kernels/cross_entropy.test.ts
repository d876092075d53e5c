import { suite } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { crossEntropy, crossEntropyGrad } from "../../src/kernels/mod.ts";
import { tensor, zeros } from "../../src/tensor/mod.ts";
import { assertClose, forEachDevice, reference } from "../support/devices.ts";
import { integers, numbers, sample } from "../support/numbers.ts";
import { assertParity, host } from "../support/parity.ts";

const SIZES = [[1, 2], [3, 2], [131, 10], [3, 257], [2, 1001], [0, 4]] as const;

const parity = suite("crossEntropy on webgpu");

parity(
  "crossEntropy() and its gradient equal the reference, with and without smoothing",
  async () => {
    for (const labelSmoothing of [0, 0.1]) {
      for (const [N, C] of SIZES) {
        const labels = integers(N, C, 4);
        if (N > 2) labels[1] = -1;
        const params = { labelSmoothing };
        const z = host([N, C], numbers(N * C, 9).map((v) => 20 * v));
        const inputs = [z, host([N], labels, "i32")];
        // Relative without smoothing: also losses and gradients near 0 are right.
        const tolerance = labelSmoothing === 0
          ? { rtol: 3e-5, atol: 1e-30 }
          : { rtol: 3e-5, atol: 1e-6 };
        await assertParity(crossEntropy, { inputs, params }, tolerance);
        const call = { inputs: [...inputs, host([N], numbers(N, 10))], params };
        await assertParity(crossEntropyGrad, call, tolerance);
      }
    }
  },
);

parity.run();

forEachDevice((device, label) => {
  const test = suite(`crossEntropy on ${label}`);
  const labels = (values: readonly number[]) => tensor(values, { device, dtype: "i32" });
  const logits = () => tensor([[2, 0, -1], [0, 1, 0]], { device, requiresGrad: true });

  test("crossEntropy() is the mean, the sum or the list of -logSoftmax at the labels", async () => {
    const rows = await logits().logSoftmax().data();
    const want = [-rows[0]!, -rows[4]!];
    const t = labels([0, 1]);
    assertClose(await logits().crossEntropy(t, { reduction: "none" }).data(), want);
    assertClose([await logits().crossEntropy(t, { reduction: "sum" }).item()], [
      want[0]! + want[1]!,
    ]);
    assertClose([await logits().crossEntropy(t).item()], [(want[0]! + want[1]!) / 2]);
  });

  test("crossEntropy() has the gradient (softmax - target) / N", async () => {
    for (const labelSmoothing of [0, 0.3]) {
      const z = logits();
      z.crossEntropy(labels([0, 1]), { labelSmoothing }).backward();
      const softmax = await z.softmax().data();
      const want = Array.from(softmax, (s, i) => {
        const target = (i === 0 || i === 4 ? 1 - labelSmoothing : 0) + labelSmoothing / 3;
        return (s - target) / 2;
      });
      assertClose(await z.grad!.data(), want);
    }
  });

  test("crossEntropy() is right where softmax has long become 0 and 1", async () => {
    const z = tensor([[60, 0, 0], [-500, 0, 500]], { device, requiresGrad: true });
    const loss = z.crossEntropy(labels([0, 0]), { reduction: "none" });
    const tiny = 2 * Math.exp(-60);
    assertClose(await loss.data(), [tiny, 1000], { rtol: 3e-5, atol: 0 });
    loss.sum().backward();
    assertClose(await z.grad!.data(), [-tiny, tiny / 2, tiny / 2, -1, 0, 1], {
      rtol: 3e-5,
      atol: 0,
    });
  });

  test("crossEntropy() refuses labels out of range by name, and marks unknown ones with NaN", async () => {
    assert.throws(
      () => logits().crossEntropy(labels([-1, 3])),
      "Cannot take the cross entropy of labels from -1 to 3: logits of shape [2, 3] have " +
        "3 classes, labels must be from 0 to 2",
    );
    const unknown = labels([0, 1]).mul(3);
    const losses = await logits().crossEntropy(unknown, { reduction: "none" }).data();
    assert.equal(Array.from(losses, Number.isNaN), [false, true]);
    assert.is(Number.isNaN(await logits().crossEntropy(unknown).item()), true);
  });

  test("crossEntropy() refuses what does not fit", () => {
    const z = logits();
    assert.throws(
      () => z.crossEntropy(labels([0, 1, 2])),
      "Cannot take the cross entropy of logits of shape [2, 3] and labels of shape [3]: " +
        "labels must be class numbers of shape [2]",
    );
    assert.throws(
      () => z.crossEntropy(tensor([0, 1], { device })),
      'Cannot take the cross entropy of labels of type f32: labels must be i32 or u32, use cast("i32")',
    );
    assert.throws(
      () => z.crossEntropy(labels([0, 1]), { labelSmoothing: 1.5 }),
      "Cannot take the cross entropy with labelSmoothing 1.5: it must be from 0 to 1",
    );
    assert.throws(
      () => z.crossEntropy(labels([0, 1]), { reduction: "average" as "mean" }),
      'Cannot take the cross entropy with reduction "average": it must be "mean", "sum" or "none"',
    );
    assert.throws(() => zeros([0, 3], { device }).crossEntropy(labels([])), /Cannot take the mean/);
  });

  test("crossEntropy() leaves nothing behind but its loss", () => {
    const z = logits(), t = labels([0, 1]);
    z.crossEntropy(t).dispose();
    const before = device.ledger.buffers;
    z.crossEntropy(t).dispose();
    assert.is(device.ledger.buffers, before);
  });

  test.run();
});

const gradients = suite("crossEntropy gradients");

for (const [N, C] of [[1, 2], [3, 5], [4, 3]] as const) {
  gradients(`crossEntropy() of [${N}, ${C}] is right to second order`, async () => {
    const z = sample([N, C], 5, { device: reference, dtype: "f64" });
    const labels = tensor(integers(N, C, 6), { device: reference, dtype: "u32" });
    for (const labelSmoothing of [0, 0.2]) {
      for (const reduction of ["mean", "none"] as const) {
        const f = (z: typeof labels) =>
          z.mul(3).crossEntropy(labels, { labelSmoothing, reduction }).square();
        await gradcheck(f, [z], { order: 2 });
      }
    }
  });
}

gradients.run();
