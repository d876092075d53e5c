import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DTypeError, ShapeError } from "../../src/errors.ts";
import { euclideanStep, type EuclideanStepParams } from "../../src/kernels/mod.ts";
import { sizeOf } from "../../src/shape.ts";
import { assertCpu, outputsOn, uniform } from "../support/cpu.ts";
import { assertClose, forEachDevice, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { assertParity, host } from "../support/parity.ts";

const params: EuclideanStepParams = { stepSize: 0.5, eps: 0.8, box: [0, 1] };
const near = { rtol: 1e-5, atol: 1e-6 };

const parity = suite("euclideanStep against the reference");

parity("for examples of all sizes, gradients of all lengths, and 0", async () => {
  for (const shape of [[1, 1], [3, 5], [2, 28, 28, 1], [5, 7, 9, 3], [300, 2], [2, 5000], [0, 4]]) {
    const x = uniform(shape, 1), g = uniform(shape, 2), center = uniform(shape, 3);
    for (const size of [1, 0, 1e-30, 1e30]) {
      const scaled = { ...g, data: Float32Array.from(g.data, (value) => value * size) };
      for (const own of [params, { ...params, eps: 1e6 }, { ...params, stepSize: 0 }]) {
        const call = { inputs: [x, scaled, center], params: own };
        await assertParity(euclideanStep, call, near);
        await assertCpu(euclideanStep, call, near);
      }
    }
  }
});

parity.run();

forEachDevice((device, label) => {
  const test = suite(`euclideanStep on ${label}`);
  const step = async (x: number[], g: number[], c: number[], own: Partial<EuclideanStepParams>) => {
    const inputs = [x, g, c].map((values) => host([1, values.length], values));
    const call = { inputs, params: { stepSize: 1, eps: 10, box: [-10, 10] as const, ...own } };
    return [...(await outputsOn(device, euclideanStep, call))[0]!.data];
  };

  test("it goes along the gradient by the length of the step", async () => {
    assertClose(await step([1, 2], [3, 4], [1, 2], {}), [1.6, 2.8]);
    assertClose(await step([1, 2], [3e-30, 4e-30], [1, 2], {}), [1.6, 2.8]);
    assertClose(await step([1, 2], [0, 0], [1, 2], {}), [1, 2]);
  });

  test("it comes back into the ball, then into the box", async () => {
    assertClose(await step([0, 0], [3, 4], [0, 0], { stepSize: 5, eps: 0.5 }), [0.3, 0.4]);
    assertClose(await step([0, 0], [3, 4], [0, 0], { stepSize: 5, box: [0, 2] }), [2, 2]);
    assertClose(await step([9, 0], [0, 0], [0, 0], { eps: 3 }), [3, 0]);
  });

  test("no example ever leaves the ball", async () => {
    const shape = [20, 3072], x = uniform(shape, 7), g = uniform(shape, 8), c = uniform(shape, 9);
    const own = { stepSize: 3, eps: 0.7, box: [-9, 9] as const };
    const [y] = await outputsOn(device, euclideanStep, { inputs: [x, g, c], params: own });
    for (let n = 0; n < 20; n++) {
      let square = 0;
      for (let i = n * 3072; i < (n + 1) * 3072; i++) square += (y!.data[i]! - c.data[i]!) ** 2;
      assert.ok(Math.sqrt(square) <= 0.7 * (1 + 2e-6), String(Math.sqrt(square)));
      assert.ok(Math.sqrt(square) >= 0.7 * (1 - 1e-5), String(Math.sqrt(square)));
    }
  });

  test.run();
});

const test = suite("euclideanStep");

test("it refuses operands that do not fit", () => {
  const f = (...shape: number[]) => ({ shape, dtype: "f32" as const });
  const ints = { shape: [2, 3], dtype: "i32" as const };
  const outputs = (...inputs: readonly (typeof ints | ReturnType<typeof f>)[]) => () => {
    return euclideanStep.outputs(inputs, params);
  };
  assert.throws(outputs(f(2, 3), f(3, 2), f(2, 3)), isA(ShapeError, /from \[2, 3\] by \[3, 2\]/));
  assert.throws(outputs(f(2, 3), f(2, 3), f(2)), isA(ShapeError));
  assert.throws(outputs(f(), f(), f()), isA(ShapeError));
  assert.throws(outputs(ints, ints, ints), isA(DTypeError, /floating-point/));
  assert.throws(outputs(f(2, 3), ints, f(2, 3)), isA(DTypeError));
});

test("in f64 it is exact", async () => {
  const data = (values: number[]) => ({
    shape: [1, 2],
    dtype: "f64" as const,
    data: Float64Array.from(values),
  });
  const inputs = [data([0, 0]), data([3e-200, 4e-200]), data([0, 0])];
  const [y] = await outputsOn(reference, euclideanStep, {
    inputs,
    params: { stepSize: 1, eps: 2, box: [-5, 5] },
  });
  assertClose(y!.data, [0.6, 0.8], { rtol: 1e-14, atol: 0 });
  assert.is(sizeOf(y!.shape), 2);
});

test.run();
