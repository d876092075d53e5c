import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import {
  batchNorm,
  batchNormGrad,
  batchNormInputGrad,
  batchNormRunning,
  batchNormSums,
  batchNormTraining,
  batchStatistics,
} from "../../src/kernels/mod.ts";
import { type Shape, sizeOf } from "../../src/shape.ts";
import { type Tensor, tensor } from "../../src/tensor/mod.ts";
import golden from "../fixtures/batch_norm.json" with { type: "json" };
import { assertClose, forEachDevice, reference, webgpu } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { numbers, sample } from "../support/numbers.ts";
import { assertParity, host, runOn } from "../support/parity.ts";
import { assertUpdateParity } from "../support/updates.ts";

const EPSILON = golden.eps;

const SMALL: readonly Shape[] = [[2, 1], [5, 3], [3, 2, 1, 2], [2, 3, 2, 3]];

// Few and many channels, short and long enough for two stages, sizes that fill no workgroup.
const LARGER: readonly Shape[] = [
  [3, 7, 5, 1],
  [4, 9, 11, 7],
  [3, 16, 16, 64],
  [2, 3, 67],
  [8, 31, 29, 3],
  [16, 23, 25, 16],
  [5003, 1],
  [70, 300],
];

forEachDevice((device, label) => {
  const test = suite(`batchNorm on ${label}`);

  for (const { name, training, ...values } of golden.cases) {
    test(`batchNorm() and its gradients are PyTorch's: ${name}`, async () => {
      const take = ({ shape, data }: typeof values.x, requiresGrad = false) => {
        return tensor(data, { shape, device, requiresGrad });
      };
      const [x, scale, shift] = [
        take(values.x, true),
        take(values.scale, true),
        take(values.shift, true),
      ];
      const y = training ? x.batchNorm(scale, shift) : x.batchNorm(scale, shift, {
        mean: take(values.runningMean),
        variance: take(values.runningVar),
      });
      // Around a mean of 50 an f32 has two digits less.
      const tolerance = { rtol: 1e-5, atol: name.includes("50") ? 1e-4 : 4e-6 };
      assertClose(await y.data(), values.y.data, tolerance, "y");
      y.backward({ gradient: take(values.cotangent) });
      assertClose(await x.grad!.data(), values.dx.data, tolerance, "dx");
      assertClose(await scale.grad!.data(), values.dscale.data, tolerance, "dscale");
      assertClose(await shift.grad!.data(), values.dshift.data, tolerance, "dshift");
    });

    if (!training) continue;

    test(`batchStatistics() are those behind PyTorch's running statistics: ${name}`, async () => {
      const { x, runningMean, runningVar, runningMeanAfter, runningVarAfter } = values;
      const { mean, variance } = tensor(x.data, { shape: x.shape, device }).batchStatistics();
      const n = x.data.length / runningMean.data.length, { momentum } = golden;
      const moved = async (from: readonly number[], batch: Tensor, factor: number) => {
        const data = await batch.data();
        return from.map((value, c) => value + momentum * (data[c]! * factor - value));
      };
      assertClose(await moved(runningMean.data, mean, 1), runningMeanAfter.data);
      assertClose(await moved(runningVar.data, variance, n / (n - 1)), runningVarAfter.data);
    });
  }

  test("batchStatistics() stay exact far from zero, also after an outlier", async () => {
    // Squares of these numbers have no digit left for their variance.
    const far = tensor(Array.from({ length: 4096 }, (_, i) => 10000 + i % 2), {
      shape: [4096, 1],
      device,
    });
    const a = far.batchStatistics();
    assertClose(await a.mean.data(), [10000.5], { rtol: 1e-6 });
    assertClose(await a.variance.data(), [0.25], { rtol: 1e-4 });
    const outlier = Array.from({ length: 4096 }, (_, i) => i === 0 ? 1e4 : i % 2);
    const b = tensor(outlier, { shape: [4096, 1], device }).batchStatistics();
    const mean = outlier.reduce((sum, value) => sum + value) / 4096;
    const variance = outlier.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4096;
    assertClose(await b.mean.data(), [mean], { rtol: 1e-5 });
    assertClose(await b.variance.data(), [variance], { rtol: 1e-5 });
    const equal = tensor(new Float32Array(300).fill(0.1), { shape: [100, 3], device });
    for (const value of await equal.batchStatistics().variance.data()) {
      assert.ok(value >= 0 && value < 1e-12);
    }
  });

  test("batchNorm() moves running statistics towards the batch's, and gives the same", async () => {
    const x = sample([3, 4, 5, 2], 1, { device });
    const [scale, shift] = [2, 3].map((seed) => sample([2], seed, { device }));
    const mean = tensor([1, 2], { device }), variance = tensor([3, 4], { device });
    const y = x.batchNorm(scale!, shift!, { running: { mean, variance, momentum: 0.25 } });
    assert.equal(await y.data(), await x.batchNorm(scale!, shift!).data());
    const batch = x.batchStatistics(), n = 60;
    const means = await batch.mean.data(), variances = await batch.variance.data();
    assertClose(await mean.data(), [1, 2].map((old, c) => 0.75 * old + 0.25 * means[c]!));
    assertClose(
      await variance.data(),
      [3, 4].map((old, c) => 0.75 * old + 0.25 * n / (n - 1) * variances[c]!),
    );
  });

  test("batchNorm() in evaluation passes to x alone without looking at x", () => {
    const x = sample([3, 2, 2, 4], 1, { device });
    const [scale, shift, mean, deviation] = [2, 3, 4, 5].map((seed) =>
      sample([4], seed, { device })
    );
    x.requiresGrad = true;
    const sums = device.ledger.callsOf("batchNormSums");
    const y = x.batchNorm(scale!, shift!, { mean: mean!, variance: deviation!.square() });
    assert.equal([...y.node!.saved.keys()], ["input1", "input4"]);
    y.sum().backward();
    assert.is(device.ledger.callsOf("batchNormSums"), sums);
    assert.is(device.ledger.callsOf("batchNormInputGrad") > 0, true);
  });

  test("batchNorm() in training goes back in one kernel", () => {
    const x = sample([3, 2, 2, 4], 1, { device });
    const [scale, shift] = [2, 3].map((seed) => sample([4], seed, { device }));
    for (const tensor of [x, scale!, shift!]) tensor.requiresGrad = true;
    const y = x.batchNorm(scale!, shift!);
    const gradient = sample([3, 2, 2, 4], 9, { device });
    const before = new Map(device.ledger.calls);
    y.backward({ gradient });
    for (const [name, count] of device.ledger.calls) {
      assert.is(count - (before.get(name) ?? 0), name === "batchNormGrad" ? 1 : 0, name);
    }
  });

  test.run();
});

const parity = suite("batchNorm on webgpu");

parity("batchNorm() and the kernels around it equal the reference", async () => {
  for (const shape of [...SMALL, ...LARGER]) {
    const C = shape.at(-1)!, n = sizeOf(shape) / C;
    const channels = (seed: number) => host([C], numbers(C, seed));
    const x = host(shape, numbers(sizeOf(shape), 1).map((value) => value + 3));
    const g = host(shape, numbers(sizeOf(shape), 2));
    const mean = host([C], numbers(C, 3).map((value) => value / 10 + 3));
    const variance = host([C], numbers(C, 4).map((value) => value ** 2 + 0.1));
    const scale = channels(5), shift = channels(6);
    const sums = { rtol: 1e-5, atol: 2e-6 * Math.sqrt(n) };
    const params = { epsilon: EPSILON };
    await assertParity(batchStatistics, { inputs: [x], params: undefined }, {
      rtol: 1e-5,
      atol: 1e-6,
    });
    await assertParity(batchNorm, { inputs: [x, scale, shift, mean, variance], params }, {
      rtol: 1e-5,
      atol: 4e-6,
    });
    await assertParity(batchNormSums, { inputs: [g, x, mean, variance], params }, sums);
    const evaluation = { inputs: [g, scale, variance], params: { ...params, training: false } };
    await assertParity(batchNormInputGrad, evaluation, { rtol: 1e-5, atol: 1e-6 });
    const training = { inputs: [x, scale, shift], params };
    await assertParity(batchNormTraining, training, { rtol: 1e-5, atol: 6e-6 });
    const state = [channels(7), channels(8)], momentum = 0.1;
    await assertUpdateParity(
      batchNormRunning,
      { ...training, params: { ...params, momentum }, state, times: 1 },
      { rtol: 1e-5, atol: 6e-6 },
    );
    const back = { inputs: [g, x, scale, mean, variance], params };
    await assertParity(batchNormGrad, back, { rtol: 1e-5, atol: sums.atol });
  }
});

parity("batchNorm() has the same statistics and sums in every run", async () => {
  if (webgpu === undefined) return;
  const shape = [16, 23, 25, 16];
  const x = host(shape, numbers(sizeOf(shape), 1));
  const channels = host([16], numbers(16, 3).map((value) => value ** 2 + 0.1));
  const params = { epsilon: EPSILON };
  const once = async () => [
    ...await runOn(webgpu!, batchStatistics, { inputs: [x], params: undefined }),
    ...await runOn(webgpu!, batchNormSums, { inputs: [x, x, channels, channels], params }),
    ...await runOn(webgpu!, batchNormTraining, { inputs: [x, channels, channels], params }),
    ...await runOn(webgpu!, batchNormGrad, {
      inputs: [x, x, channels, channels, channels],
      params,
    }),
  ];
  const first = await once();
  for (let again = 0; again < 3; again++) assert.equal(await once(), first);
});

parity.run();

test("batchNorm() in training passes gradcheck to second order", async () => {
  for (const shape of SMALL) {
    const C = shape.at(-1)!;
    const inputs = [shape, [C], [C]].map((s, i) =>
      sample(s, i + 1, { device: reference, dtype: "f64" })
    );
    const f = (x: Tensor, scale: Tensor, shift: Tensor) =>
      x.batchNorm(scale, shift, { epsilon: 0.1 });
    await gradcheck((x, scale, shift) => f(x!, scale!, shift!), inputs, { order: 2 });
    await gradcheck((x, scale, shift) => f(x!, scale!, shift!).square(), inputs, { order: 2 });
    // Only some of them require a gradient.
    for (const kept of inputs) {
      for (const input of inputs) input.requiresGrad = input === kept;
      await gradcheck((x, scale, shift) => f(x!, scale!, shift!).square(), inputs, { order: 2 });
    }
  }
});

test("batchNorm() in evaluation passes gradcheck to second order", async () => {
  for (const shape of [...SMALL, [1, 1, 1, 2], [0, 2]]) {
    const C = shape.at(-1)!;
    const inputs = [shape, [C], [C]].map((s, i) =>
      sample(s, i + 1, { device: reference, dtype: "f64" })
    );
    const mean = sample([C], 4, { device: reference, dtype: "f64" }).detach();
    const variance = sample([C], 5, { device: reference, dtype: "f64" }).detach().square();
    const f = (...[x, scale, shift]: readonly Tensor[]) => {
      return x!.batchNorm(scale!, shift!, { mean, variance, epsilon: 0.1 }).square();
    };
    await gradcheck(f, inputs, { order: 2 });
    for (const kept of inputs) {
      for (const input of inputs) input.requiresGrad = input === kept;
      await gradcheck(f, inputs, { order: 2 });
    }
  }
});

test("batchNorm() has the second derivative of its fused gradient", async () => {
  // The gradient as computed for a first derivative, and as recorded, are the same numbers.
  const x = sample([3, 4, 2], 1, { device: reference, dtype: "f64" });
  const scale = sample([2], 2, { device: reference, dtype: "f64" });
  const loss = () => x.batchNorm(scale, scale).square().sum();
  const fused = loss().gradients([x, scale]);
  const recorded = loss().gradients([x, scale], { createGraph: true });
  for (const [i, gradient] of fused.entries()) {
    assertClose(await recorded[i]!.data(), await gradient.data(), { rtol: 1e-12, atol: 1e-12 });
  }
});

test("batchNorm() refuses what does not fit", () => {
  const device = reference;
  const x = sample([4, 2, 2, 3], 1, { device });
  const [c3, c4] = [sample([3], 2, { device }), sample([4], 3, { device })];
  const refuses = (
    f: () => unknown,
    kind: typeof TypeError | typeof RangeError,
    pattern: RegExp,
  ) => {
    assert.throws(f, isA(kind, pattern));
  };
  refuses(
    () => x.batchNorm(c4, c3),
    TypeError,
    /\[4, 2, 2, 3\] with an operand of shape \[4\].*shape \[3\]/,
  );
  refuses(() => x.batchNorm(c3, c3, { mean: c3 }), TypeError, /only one of mean and variance/);
  refuses(
    () => {
      const running = { mean: c3, variance: c3, momentum: 0.1 };
      x.batchNorm(c3, c3, { mean: c3, variance: c3, running });
    },
    TypeError,
    /give running, or both/,
  );
  for (const epsilon of [0, -1, NaN, Infinity]) {
    refuses(
      () => x.batchNorm(c3, c3, { epsilon }),
      RangeError,
      /epsilon is .* must be a number above 0/,
    );
  }
  const one = sample([1, 1, 1, 3], 4, { device });
  refuses(
    () => one.batchNorm(c3, c3),
    RangeError,
    /shape \[1, 1, 1, 3\] by its own statistics: it has 1 value per channel, training needs at least 2/,
  );
  one.batchNorm(c3, c3, { mean: c3, variance: c3.square() });
  refuses(
    () => sample([0, 3], 4, { device }).batchStatistics(),
    RangeError,
    /has 0 values per channel/,
  );
  refuses(() => c3.batchStatistics(), TypeError, /at least two axes/);
  refuses(() => x.cast("i32").batchStatistics(), TypeError, /type i32 must be f32 or f64/);
});

test.run();
