// Every kernel on WebGPU gives what the reference gives. Tolerances are those of WGSL's accuracy table for its functions,
// on inputs where the functions are not ill-conditioned.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Device, Operand } from "../../src/backend/mod.ts";
import { type DType, toTypedArray, type TypedArray } from "../../src/dtype.ts";
import {
  ELEMENTWISE,
  elementwise,
  type ElementwiseName,
  type Kernel,
  matmul,
} from "../../src/kernels/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { formatShape, type Shape, sizeOf } from "../../src/shape.ts";
import { assertClose, reference, type Tolerance, webgpu } from "../support/devices.ts";

const test = suite("kernels on webgpu");

interface HostTensor {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: TypedArray;
}

async function runOn<P>(
  device: Device,
  kernel: Kernel<P>,
  inputs: readonly HostTensor[],
  params: P,
): Promise<{ readonly shape: Shape; readonly data: TypedArray }> {
  const operands = inputs.map(({ shape, dtype, data }): Operand => {
    return { shape, dtype, buffer: device.upload(data, dtype) };
  });
  const outputs = device.run(kernel, operands, params);
  const [data] = await device.read([outputs[0]!.buffer]);
  for (const { buffer } of [...operands, ...outputs]) buffer.release();
  return { shape: outputs[0]!.shape, data: data! };
}

async function compare<P>(
  kernel: Kernel<P>,
  inputs: readonly HostTensor[],
  params: P,
  tolerance: Tolerance,
): Promise<void> {
  const got = await runOn(webgpu!, kernel, inputs, params);
  const want = await runOn(reference, kernel, inputs, params);
  const what = `${kernel.name} ${inputs.map(({ shape }) => formatShape(shape)).join(" ")}`;
  assert.equal(got.shape, want.shape);
  assertClose(got.data, want.data, tolerance, what);
}

function it(name: string, run: () => Promise<void>): void {
  if (webgpu === undefined) test.skip(name, () => {});
  else test(name, run);
}

const random = new RandomStream(20);

/** Numbers from low to high, among them zeros and equal neighbours where the range has room. */
function numbers(shape: Shape, low: number, high: number, dtype: DType = "f32"): HostTensor {
  const values = random.uniform(sizeOf(shape)).map((u) => low + u * (high - low));
  if (low < 0) { for (let i = 0; i < values.length; i += 7) values[i] = 0; }
  for (let i = 3; i < values.length; i += 11) values[i] = values[i - 1]!;
  return { shape, dtype, data: toTypedArray(dtype, values) };
}

// Where each function is defined; [-4, 4] for the others.
const RANGES: Partial<Record<ElementwiseName, readonly (readonly [number, number])[]>> = {
  log: [[0.01, 20]],
  sqrt: [[0, 20]],
  rsqrt: [[0.01, 20]],
  reciprocal: [[0.1, 20]],
  div: [[-4, 4], [0.1, 20]],
  pow: [[0.1, 4], [-3, 3]],
  tanh: [[-100, 100]],
  sigmoid: [[-100, 100]],
  softplus: [[-100, 100]],
  silu: [[-50, 50]],
  gelu: [[-50, 50]],
  clamp: [[-4, 4], [-2, 0], [0, 2]],
};

// sin, cos: 2^-11 absolute; pow: exp2(b log2 a); the others a few units in the last place, tanh
// and what is built from it 1e-5 absolute.
const TOLERANCES: Partial<Record<ElementwiseName, Tolerance>> = {
  sin: { atol: 2 ** -11 },
  cos: { atol: 2 ** -11 },
  pow: { rtol: 1e-4, atol: 1e-5 },
  tanh: { atol: 1e-5 },
  gelu: { rtol: 1e-5, atol: 1e-5 },
};

const EXACT: Tolerance = { rtol: 0, atol: 0 };

for (const name of Object.keys(ELEMENTWISE) as ElementwiseName[]) {
  const { fn, floatOnly } = ELEMENTWISE[name];
  const arity = ELEMENTWISE[name].derivatives.length;
  const inputs = (shapes: readonly Shape[], dtype: DType): HostTensor[] => {
    return shapes.slice(0, arity).map((shape, k) => {
      const [low, high] = RANGES[name]?.[k] ?? [-4, 4];
      // Integer division by zero is not defined.
      return name === "div" && dtype !== "f32" && k === 1
        ? numbers(shape, 1, 5, dtype)
        : numbers(shape, low, high, dtype);
    });
  };
  const tolerance = TOLERANCES[name] ?? { rtol: 2e-6, atol: 2e-6 };
  it(`${name} equals the reference for ${arity} operands of equal and of broadcast shapes`, async () => {
    assert.type(fn, "function");
    for (
      const shapes of [
        [[], [], []],
        [[257], [257], [257]],
        [[3, 5, 7], [5, 1], []],
        [[1, 13], [11, 1], [11, 13]],
        [[0, 3], [3], [1, 1]],
      ]
    ) {
      await compare(elementwise[name], inputs(shapes, "f32"), undefined, tolerance);
    }
  });
  if (floatOnly) continue;
  it(`${name} equals the reference for integers`, async () => {
    const shapes = [[4, 33], [33], [4, 1]];
    await compare(elementwise[name], inputs(shapes, "i32"), undefined, EXACT);
  });
}

it("matmul equals the reference for all transposes and sizes", async () => {
  const sizes = [[1, 1, 1], [1, 37, 5], [31, 1, 33], [67, 71, 73]];
  for (
    const [M, K, N] of [...sizes, [3, 0, 4], [0, 3, 4], [3, 4, 0]] as [number, number, number][]
  ) {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const a = numbers(transposeA ? [K, M] : [M, K], -1, 1);
        const b = numbers(transposeB ? [N, K] : [K, N], -1, 1);
        await compare(matmul, [a, b], { transposeA, transposeB }, bound(K));
      }
    }
  }
});

it("matmul equals the reference for broadcast batches", async () => {
  const batches: [Shape, Shape][] = [
    [[3], [3]],
    [[3], []],
    [[], [2, 3]],
    [[2, 1, 3], [5, 1]],
    [[0], [1]],
    [[7, 1], [1, 2]],
  ];
  for (const [batchA, batchB] of batches) {
    for (const transposeA of [false, true]) {
      const a = numbers([...batchA, ...(transposeA ? [19, 5] : [5, 19])], -1, 1);
      const b = numbers([...batchB, 19, 6], -1, 1);
      await compare(matmul, [a, b], { transposeA, transposeB: false }, bound(19));
    }
  }
});

/** K roundings, of sums that grow with the square root of K. */
function bound(K: number): Tolerance {
  return { rtol: 1e-6, atol: 2e-7 * (K + 1) };
}

test.run();
