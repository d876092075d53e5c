import { suite } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { logSoftmax, logSumExp, softmax } from "../../src/kernels/mod.ts";
import { type Shape, sizeOf } from "../../src/shape.ts";
import { tensor, zeros } from "../../src/tensor/mod.ts";
import { assertClose, forEachDevice, reference } from "../support/devices.ts";
import { numbers, sample } from "../support/numbers.ts";
import { assertParity, host } from "../support/parity.ts";

const CASES: readonly (readonly [Shape, axis: number])[] = [
  [[1], 0],
  [[3, 1], 1],
  [[3, 10], 1],
  [[130, 10], 1],
  [[5, 1001], 1],
  [[37, 3], 0],
  [[3, 7, 5], 1],
  [[2, 300, 3], 1],
  [[0, 3], 1],
  [[3, 0], 1],
];

const parity = suite("softmax on webgpu");

// exp is good to 3 + 2 |x| units in the last place; arguments go down to -40 here.
parity("softmax(), logSoftmax() and logSumExp() equal the reference along any axis", async () => {
  for (const [shape, axis] of CASES) {
    const inputs = [host(shape, numbers(sizeOf(shape), 6).map((v) => 20 * v))];
    await assertParity(softmax, { inputs, params: { axis } }, { rtol: 2e-5, atol: 1e-30 });
    await assertParity(logSoftmax, { inputs, params: { axis } }, { rtol: 1e-6, atol: 2e-6 });
    if (shape[axis] === 0) continue;
    const params = { axes: [axis], keepAxes: false };
    await assertParity(logSumExp, { inputs, params }, { rtol: 1e-6, atol: 2e-6 });
  }
});

parity.run();

forEachDevice((device, label) => {
  const test = suite(`softmax on ${label}`);

  test("softmax() of huge and tiny numbers neither overflows nor loses its sum", async () => {
    const x = tensor([[1000, 1000, -1000], [-3e38, 0, 0], [88, 88, 88]], { device });
    const third = 1 / 3;
    assertClose(await x.softmax().data(), [0.5, 0.5, 0, 0, 0.5, 0.5, third, third, third]);
    const log2 = Math.log(2), log3 = Math.log(3);
    assertClose(await x.logSumExp().data(), [1000 + log2, log2, 88 + log3]);
    const y = await x.logSoftmax(1).data();
    assertClose(y.subarray(0, 3), [-log2, -log2, -2000 - log2]);
  });

  test("softmax() takes negative axes, and logSumExp() keeps its axis when asked", async () => {
    const x = sample([2, 3, 4], 3, { device });
    assertClose(await x.softmax(-2).sum(1).data(), new Array(8).fill(1));
    assert.equal(x.logSumExp(1).shape, [2, 4]);
    assert.equal(x.logSumExp(-3, { keepAxes: true }).shape, [1, 3, 4]);
    assertClose(await x.logSoftmax(1).exp().data(), await x.softmax(1).data());
  });

  test("softmax() and its relatives refuse what has no meaning", () => {
    assert.throws(() => zeros([3], { device }).softmax(1), /Cannot take the softmax along axis 1/);
    assert.throws(
      () => tensor([1, 2], { device, dtype: "i32" }).softmax(),
      "Cannot take the softmax of a tensor of type i32: the type must be f32 or f64, use cast()",
    );
    assert.throws(
      () => zeros([2, 0], { device }).logSumExp(),
      "Cannot take the logSumExp of a tensor of shape [2, 0] over axis 1: it holds no elements, " +
        "there must be at least one",
    );
    assert.equal(zeros([2, 0], { device }).softmax().shape, [2, 0]);
  });

  test.run();
});

const gradients = suite("softmax gradients");

for (const [shape, axis] of [[[3, 5], 1], [[3, 2], 0], [[2, 3, 2], 1], [[3, 1], 1]] as const) {
  gradients(
    `softmax() and its relatives of [${shape}] along ${axis} are right to second order`,
    async () => {
      const x = sample(shape, 7, { device: reference, dtype: "f64" });
      await gradcheck((x) => x.mul(3).softmax(axis), [x], { order: 2 });
      await gradcheck((x) => x.mul(3).logSoftmax(axis), [x], { order: 2 });
      await gradcheck((x) => x.mul(3).logSumExp(axis), [x], { order: 2 });
      await gradcheck((x) => x.logSumExp(axis, { keepAxes: true }).square(), [x], { order: 2 });
    },
  );
}

gradients.run();
