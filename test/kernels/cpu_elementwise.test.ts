import * as fc from "fast-check";
import { suite } from "uvu";
import type { DType } from "../../src/dtype.ts";
import {
  cast,
  ELEMENTWISE,
  elementwise,
  type ElementwiseName,
  expand,
} from "../../src/kernels/mod.ts";
import { RandomStream } from "../../src/random.ts";
import type { Shape } from "../../src/shape.ts";
import { assertCpu, crews, outputsOn, uniform, whole } from "../support/cpu.ts";
import { reference } from "../support/devices.ts";
import { host } from "../support/parity.ts";

const test = suite("elementwise kernels on the cpu");
const names = Object.keys(ELEMENTWISE) as ElementwiseName[];
const integerNames = names.filter((name) => !ELEMENTWISE[name].floatOnly);

function arity(name: ElementwiseName): number {
  return ELEMENTWISE[name].derivatives.length;
}

const SPECIAL = [0, -0, 1, -1, 0.5, 1.5, 2.5, -0.5, -2.5, 3, 1e-8, -1e-8, 88.7, 88.8, -87.4, -104]
  .concat([1e-45, -1e-45, 1e-40, -1e-40, 1.2e-38, 3.4e38, -3.4e38, 1e9, -4e8, 16777217])
  .concat([Infinity, -Infinity, NaN]);

/** Every pair of special numbers, then random ones of small, middle and all magnitudes. */
function operands(count: number): Float32Array[] {
  const random = new RandomStream(6), size = SPECIAL.length;
  return [1, size, 7].map((step, k) => {
    return Float32Array.from(random.uniform(count), (u, i) => {
      if (i < size ** 2) return SPECIAL[(k === 2 ? i * step : Math.floor(i / step)) % size]!;
      const value = 2 * u - 1;
      return [value * 5, value * 100, Math.sign(value) * 10 ** (value * 20)][i % 3]!;
    });
  });
}

/** How many f32 numbers lie between two. */
function distance(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  if (Number.isNaN(a) || Number.isNaN(b)) return Infinity;
  const [x, y] = new Int32Array(Float32Array.of(a, b).buffer).map((bits) => {
    return bits < 0 ? -(bits & 0x7fffffff) : bits;
  });
  return Math.abs(x! - y!);
}

// Units in the last place that a result may be away from the nearest number.
const UNITS: Partial<Record<ElementwiseName, number>> = {
  exp: 1,
  log: 1,
  rsqrt: 1,
  sin: 2,
  cos: 2,
  tanh: 2,
  sigmoid: 2,
  softplus: 3,
  elu: 2,
  silu: 3,
  gelu: 16,
  pow: 1,
};

/** Whether these operands are within what the units promise. */
function counts(name: ElementwiseName, [a, b, c]: readonly number[]): boolean {
  switch (name) {
    // Beyond this the reduction by pi / 2 is less exact.
    case "sin":
    case "cos":
      return !(Math.abs(a!) > 4e8) || !Number.isFinite(a);
    // The reference is a difference from 1 there.
    case "gelu":
      return !(a! < -3);
    // The result is subnormal and has lost digits.
    case "silu":
      return !(a! < -80);
    // What bounds of NaN do is not defined.
    case "clamp":
      return !Number.isNaN(b) && !Number.isNaN(c);
    default:
      return true;
  }
}

for (const name of names) {
  test(`${name} of f32 is the nearest number up to ${UNITS[name] ?? 0} units`, async () => {
    const all = operands(60_013).slice(0, arity(name));
    const inputs = all.map((data) => host([data.length], data));
    const [got] = await outputsOn(crews[0]!, elementwise[name], { inputs, params: undefined });
    const [want] = await outputsOn(reference, elementwise[name], { inputs, params: undefined });
    for (let i = 0; i < want!.data.length; i++) {
      const values = all.map((data) => data[i]!);
      if (!counts(name, values)) continue;
      const units = distance(got!.data[i]!, want!.data[i]!);
      if (units <= (UNITS[name] ?? 0)) continue;
      throw new Error(`${name}(${values}): got ${got!.data[i]}, wanted ${want!.data[i]}`);
    }
    await assertCpu(elementwise[name], { inputs: inputs.map(tame), params: undefined }, {
      rtol: 1e-5,
      atol: 1e-6,
    });
  });
}

/** The same numbers within reach of every function, for a comparison between threads. */
function tame({ shape, dtype, data }: ReturnType<typeof host>): ReturnType<typeof host> {
  return { shape, dtype, data: Float32Array.from(data, (x) => Number.isFinite(x) ? x % 3 : 1) };
}

test("functions of integers equal the reference", async () => {
  for (const dtype of ["i32", "u32"] as const) {
    const wide = {
      low: dtype === "i32" ? -(2 ** 31) : 0,
      high: dtype === "i32" ? 2 ** 31 : 2 ** 32,
    };
    const small = { low: dtype === "i32" ? -4 : 0, high: 5 };
    const shapes = [[4, 33], [33], [4, 1]];
    for (const name of integerNames) {
      for (const range of name === "mul" || name === "square" ? [small] : [small, wide]) {
        const inputs = shapes.map((shape, k) => whole(shape, 3 + k, { ...range, dtype }));
        await assertCpu(elementwise[name], {
          inputs: inputs.slice(0, arity(name)),
          params: undefined,
        });
      }
    }
  }
});

const SHAPES: readonly (readonly [Shape, Shape])[] = [
  [[], []],
  [[5], []],
  [[70_001], [1]],
  [[5000, 3], [3]],
  [[700, 100], [100]],
  [[300, 7, 50], [7, 1]],
  [[64, 28, 28, 3], [64, 1, 1, 1]],
  [[64, 28, 28, 3], [1, 1, 1, 3]],
  [[1, 13], [11, 1]],
  [[4001, 10], [4001, 1]],
  [[3], [20_000, 3]],
  [[0, 3], [3]],
];

test("operands broadcast in both directions", async () => {
  for (const [a, b] of SHAPES) {
    for (const [left, right] of [[a, b], [b, a]] as const) {
      const inputs = [uniform(left, 1), uniform(right, 2)];
      await assertCpu(elementwise.sub, { inputs, params: undefined });
    }
  }
});

test("operands of any shapes broadcast", async () => {
  const shape = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 4 });
  const masks = fc.array(fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), {
    minLength: 3,
    maxLength: 3,
  });
  const last = fc.integer({ min: 1, max: 60 });
  const property = fc.asyncProperty(
    shape,
    masks,
    last,
    fc.nat(2),
    async (shape, masks, last, drop) => {
      const full = shape.map((size, axis) => axis === shape.length - 1 ? size * last : size);
      const inputs = masks.map((mask, k) => {
        const own = full.map((size, axis) => mask[axis] ? size : 1);
        return uniform(own.slice(Math.min(k === 1 ? drop : 0, full.length)), k);
      });
      await assertCpu(elementwise.where, { inputs, params: undefined });
      await assertCpu(elementwise.mul, { inputs: inputs.slice(0, 2), params: undefined });
      await assertCpu(expand, { inputs: inputs.slice(0, 1), params: { shape: full } });
    },
  );
  await fc.assert(property, { seed: 5, numRuns: 60 });
});

test("cast() converts as the reference does", async () => {
  const reals = host(
    [2, 13],
    [...SPECIAL.slice(0, 13), 2 ** 31, 2 ** 32, -(2 ** 31), 3e9, 2147483520, 0.9]
      .concat([-0.9, Infinity, -Infinity, NaN, 4294967040, -1, 7.5]),
  );
  const types: readonly DType[] = ["f32", "i32", "u32"];
  for (const dtype of types) {
    await assertCpu(cast, { inputs: [reals], params: { dtype } });
    for (const from of ["i32", "u32"] as const) {
      const range = {
        low: from === "i32" ? -(2 ** 31) : 0,
        high: from === "i32" ? 2 ** 31 : 2 ** 32,
      };
      await assertCpu(cast, {
        inputs: [whole([50_003], 4, { ...range, dtype: from })],
        params: { dtype },
      });
    }
  }
});

test.run();
