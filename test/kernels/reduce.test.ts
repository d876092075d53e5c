import { suite } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import * as kernels from "../../src/kernels/mod.ts";
import type { ReduceParams } from "../../src/kernels/mod.ts";
import { lanesOf } from "../../src/kernels/reduce/lanes.ts";
import { reducePlan } from "../../src/kernels/reduce/plan.ts";
import { type Shape, sizeOf } from "../../src/shape.ts";
import { type Tensor, tensor, zeros } from "../../src/tensor/mod.ts";
import {
  assertClose,
  forEachDevice,
  reference,
  type Tolerance,
  webgpu,
} from "../support/devices.ts";
import { integers, numbers, sample } from "../support/numbers.ts";
import { assertParity, host, runOn } from "../support/parity.ts";

const NAMES = ["sum", "mean", "max", "min", "argmax", "argmin"] as const;

// Rows, columns, the middle, everything, several axes apart; short, and long enough for two stages.
const CASES: readonly (readonly [Shape, readonly number[]])[] = [
  [[], []],
  [[7], []],
  [[5, 1, 3], [1]],
  [[3, 7], [1]],
  [[3, 7], [0]],
  [[33, 65], [1]],
  [[129, 67], [0]],
  [[3, 5, 7], [0, 2]],
  [[2, 3, 4, 5], [1, 3]],
  [[2, 5003], [1]],
  [[5003, 3], [0]],
  [[40, 41, 17], [0, 2]],
];

// What argmax, ties and whole numbers add is seen on few of them.
const FEW = CASES.filter((_, i) => i === 3 || i === 7 || i >= 9);

/** Sums of up to `count` numbers below 1 in magnitude, added in a tree. */
function tolerance(name: string, count: number): Tolerance {
  if (name === "sum") return { rtol: 1e-6, atol: 1e-7 * Math.sqrt(count) * Math.log2(count + 2) };
  return name === "mean" ? { rtol: 1e-6, atol: 2e-7 } : { rtol: 0, atol: 0 };
}

function countOf(shape: Shape, axes: readonly number[]): number {
  return sizeOf(axes.map((axis) => shape[axis]!));
}

const parity = suite("reduce on webgpu");

for (const name of NAMES) {
  parity(
    `${name}() equals the reference over rows, columns and all of small and long tensors`,
    async () => {
      for (const [shape, axes] of CASES) {
        const call = {
          inputs: [host(shape, numbers(sizeOf(shape), 3))],
          params: { axes, keepAxes: false },
        };
        await assertParity(kernels[name], call, tolerance(name, countOf(shape, axes)));
      }
    },
  );
  if (name === "mean") continue;
  parity(`${name}() equals the reference for whole numbers with many equal ones`, async () => {
    for (
      const dtype of name.startsWith("arg") ? ["f32", "i32"] as const : ["u32", "i32"] as const
    ) {
      for (const [shape, axes] of FEW) {
        const values = integers(sizeOf(shape), 5, 8).map((v) => dtype === "u32" ? v : v - 2);
        const call = { inputs: [host(shape, values, dtype)], params: { axes, keepAxes: true } };
        await assertParity(kernels[name], call, { rtol: 0, atol: 0 });
      }
    }
  });
}

parity("sum() gives the same bits in every run", async () => {
  if (webgpu === undefined) return;
  for (const axes of [[0], [1], [0, 1]]) {
    const call = {
      inputs: [host([3001, 37], numbers(3001 * 37, 5))],
      params: { axes, keepAxes: false },
    };
    const [first] = await runOn(webgpu, kernels.sum, call);
    for (let again = 0; again < 3; again++) {
      const [next] = await runOn(webgpu, kernels.sum, call);
      assert.equal(next!.data, first!.data);
    }
  }
});

parity.run();

const plans = suite("reduce plans");

plans("reducePlan() merges neighbouring axes of one kind", () => {
  const plan = reducePlan([4, 8, 8, 1, 3], [0, 1, 2]);
  assert.equal(plan.reduced, [256]);
  assert.equal(plan.reducedStrides, [3]);
  assert.equal(plan.kept, [3]);
  assert.equal([plan.rows, plan.outputs, plan.count], [false, 3, 256]);
  assert.is(reducePlan([5, 7], [1]).rows, true);
});

plans("lanesOf() fills a GPU with long reductions and leaves short ones in one stage", () => {
  const long = lanesOf(reducePlan([128, 28, 28, 16], [0, 1, 2]), true);
  assert.equal(long, { columns: 16, lanes: 16, splits: 128, chunk: 784 });
  const short = lanesOf(reducePlan([64, 10], [1]), true);
  assert.equal(short, { columns: 16, lanes: 4, splits: 1, chunk: 10 });
  const all = lanesOf(reducePlan([100_000], [0]), true);
  assert.is(all.splits > 32, true);
  assert.is(all.splits * all.chunk >= 100_000, true);
});

plans("a second stage runs only where it pays", () => {
  const params: ReduceParams = { axes: [0], keepAxes: false };
  const dispatches = (shape: Shape) => {
    const x = { shape, dtype: "f32" } as const;
    return kernels.sum.webgpu([x], kernels.sum.outputs([x], params), params).dispatches.length;
  };
  assert.is(dispatches([1000]), 1);
  assert.is(dispatches([100_000]), 2);
  assert.is(dispatches([100, 4096]), 1);
  assert.is(dispatches([0, 4]), 1);
  assert.is(dispatches([4, 0]), 0);
});

plans.run();

forEachDevice((device, label) => {
  const test = suite(`reduce on ${label}`);
  const matrix = () => tensor([[1, 5, 5], [4, 2, 0]], { device });

  test("reductions take one axis, several or all, and keep them when asked", async () => {
    const x = matrix();
    assert.equal(Array.from(await x.sum().data()), [17]);
    assert.equal(Array.from(await x.sum(0).data()), [5, 7, 5]);
    assert.equal(Array.from(await x.sum(-1).data()), [11, 6]);
    assert.equal(x.sum([1, 0]).shape, []);
    assert.equal(x.sum(1, { keepAxes: true }).shape, [2, 1]);
    assert.equal(Array.from(await x.mean(0).data()), [2.5, 3.5, 2.5]);
    assert.equal(Array.from(await x.max(1).data()), [5, 4]);
    assert.equal(Array.from(await x.min(0).data()), [1, 2, 0]);
  });

  test("argmax() and argmin() give the first of equal ones as i32 with bounds", async () => {
    const first = matrix().argmax(1);
    assert.is(first.dtype, "i32");
    assert.equal(first.buffer.bounds, [0, 2]);
    assert.equal(tensor([3, 7], { device, dtype: "i32" }).max().buffer.bounds, [3, 7]);
    assert.equal(Array.from(await first.data()), [1, 0]);
    assert.equal(Array.from(await matrix().argmin(0, { keepAxes: true }).data()), [0, 1, 1]);
    assert.equal(Array.from(await zeros([4, 9], { device }).argmax().data()), [0, 0, 0, 0]);
  });

  test("argmax() finds extremes wherever they are in a long row", async () => {
    const data = new Float32Array(40_009).fill(-1);
    data[31_337] = 2;
    data[39_999] = 2;
    assert.is(await tensor(data, { device }).argmax(0).item(), 31_337);
    assert.is(await tensor(data, { device }).max().item(), 2);
  });

  test("sums of nothing are 0, and nothing has no mean and no maximum", async () => {
    const nothing = zeros([0, 3], { device });
    assert.equal(Array.from(await nothing.sum(0).data()), [0, 0, 0]);
    assert.equal(nothing.max(1).shape, [0]);
    assert.throws(
      () => nothing.max(0),
      "Cannot take the max of a tensor of shape [0, 3] over the axes [0]: they hold no elements, " +
        "there must be at least one",
    );
    assert.throws(() => nothing.mean(), /^Cannot take the mean of a tensor of shape \[0, 3\]/);
    assert.throws(() => nothing.argmax(0), RangeError);
  });

  test("reductions name axes and types that do not fit", () => {
    assert.throws(() => matrix().sum(2), /Cannot sum along axis 2 of a tensor with 2 axes/);
    assert.throws(() => matrix().max([0, 0]), /each axis must occur once/);
    assert.throws(
      () => tensor([1], { device, dtype: "i32" }).mean(),
      /the type must be f32 or f64/,
    );
  });

  test("mean() of many equal numbers is that number", async () => {
    const data = new Float32Array(100_000).fill(0.1);
    assertClose([await tensor(data, { device }).mean().item()], [Math.fround(0.1)], {
      rtol: 1e-6,
      atol: 0,
    });
  });

  test("max() shares its gradient evenly among equal elements", async () => {
    const x = matrix();
    x.requiresGrad = true;
    x.max(1).mul(tensor([1, 10], { device })).sum().backward();
    assert.equal(Array.from(await x.grad!.data()), [0, 0.5, 0.5, 10, 0, 0]);
  });

  test("variance() is that of a sample by default and refuses too few elements", async () => {
    const x = tensor([1e4 + 1, 1e4 + 2, 1e4 + 3, 1e4 + 6], { device });
    assertClose([await x.variance().item()], [14 / 3]);
    assertClose([await x.variance(0, { correction: 0 }).item()], [3.5]);
    assert.equal(x.reshape([2, 2]).variance(1, { keepAxes: true }).shape, [2, 1]);
    assert.throws(
      () => x.reshape([4, 1]).variance(1),
      "Cannot take the variance over 1 elements with correction 1: " +
        "there must be more elements than the correction",
    );
  });

  test("norm() neither overflows nor underflows, and the norm of zero is 0 with gradient 0", async () => {
    const x = tensor([[3e30, -4e30], [3e-25, 4e-25], [0, 0]], { device, requiresGrad: true });
    const norms = x.norm(1);
    assertClose(await norms.data(), [5e30, 5e-25, 0], { rtol: 1e-6, atol: 0 });
    norms.sum().backward();
    assertClose(await x.grad!.data(), [0.6, -0.8, 0.6, 0.8, 0, 0], { rtol: 1e-6, atol: 0 });
    assertClose(await x.norm(1, { order: Infinity }).data(), [4e30, 4e-25, 0], {
      rtol: 1e-6,
      atol: 0,
    });
    assertClose(await x.norm(1, { order: 1 }).data(), [7e30, 7e-25, 0], { rtol: 1e-6, atol: 0 });
    assert.is(await zeros([0], { device }).norm().item(), 0);
    assert.equal(x.norm(1, { keepAxes: true }).shape, [3, 1]);
    assert.throws(
      () => x.norm(undefined, { order: 3 }),
      "Cannot take the norm of order 3: the order must be 1, 2 or Infinity",
    );
  });

  test("norm() and variance() leave nothing behind", () => {
    const x = sample([3, 4], 5, { device });
    const before = device.ledger.buffers;
    for (const y of [x.norm(1), x.norm(undefined, { order: Infinity }), x.variance(0)]) y.dispose();
    // Numbers stay in the cache of constants.
    assert.is(device.ledger.buffers - before < 4, true);
    const after = device.ledger.buffers;
    for (const y of [x.norm(1), x.norm(undefined, { order: Infinity }), x.variance(0)]) y.dispose();
    assert.is(device.ledger.buffers, after);
  });

  test.run();
});

const gradients = suite("reduce gradients");

const f64 = (shape: Shape, seed: number) =>
  sample(shape, seed, { device: reference, dtype: "f64" });

for (
  const [shape, axes] of [[[3, 5], [1]], [[3, 1, 7], [0, 2]], [[2, 3], [0, 1]], [[1], [0]], [
    [],
    [],
  ]] as const
) {
  gradients(
    `sum(), mean(), max(), min() of [${shape}] over [${axes}] are right to second order`,
    async () => {
      const x = f64(shape, 11);
      for (const keepAxes of [false, true]) {
        await gradcheck((x) => x.square().sum(axes, { keepAxes }).square(), [x], { order: 2 });
        await gradcheck((x) => x.square().mean(axes, { keepAxes }).square(), [x], { order: 2 });
        await gradcheck((x) => x.max(axes, { keepAxes }).square(), [x], { order: 2 });
        await gradcheck((x) => x.square().min(axes, { keepAxes }), [x], { order: 2 });
      }
    },
  );
}

gradients("variance() is right to second order", async () => {
  await gradcheck((x) => x.variance(1).square(), [f64([3, 5], 12)], { order: 2 });
  await gradcheck((x) => x.variance([0, 1], { correction: 0 }), [f64([3, 2], 13)], { order: 2 });
});

gradients("norm() is right to second order", async () => {
  for (const order of [1, 2, Infinity]) {
    await gradcheck((x) => x.norm(1, { order }).square(), [f64([3, 5], 14)], { order: 2 });
    const f = (x: Tensor) => x.square().norm([0, 2], { order, keepAxes: true });
    await gradcheck(f, [f64([2, 3, 2], 15)], { order: 2 });
  }
});

gradients("empty tensors have empty gradients", async () => {
  const x = zeros([0, 3], { device: reference, requiresGrad: true });
  x.sum().backward();
  assert.equal(x.grad!.shape, [0, 3]);
  assert.is((await x.grad!.data()).length, 0);
});

gradients.run();
