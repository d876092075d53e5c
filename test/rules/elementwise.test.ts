// Every line of the elementwise table, by its name.

import { suite, test as host } from "uvu";
import * as assert from "uvu/assert";
import { elementwiseRules, gradcheck } from "../../src/autograd/mod.ts";
import { type DType, toTypedArray } from "../../src/dtype.ts";
import { DTypeError, ShapeError } from "../../src/errors.ts";
import {
  ELEMENTWISE,
  type ElementwiseFunction,
  type ElementwiseName,
} from "../../src/kernels/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { broadcastShapes, formatShape, type Shape, sizeOf } from "../../src/shape.ts";
import { apply, Tensor, tensor } from "../../src/tensor/mod.ts";
import golden from "../fixtures/activations.json" with { type: "json" };
import { assertClose, forEachDevice, reference } from "../support/devices.ts";
import { isA, says } from "../support/errors.ts";
import { at, build } from "../support/numbers.ts";

const TABLE: Readonly<Record<ElementwiseName, ElementwiseFunction>> = ELEMENTWISE;
const NAMES = Object.keys(TABLE) as ElementwiseName[];

/** Where derivatives are checked: away from poles; the sign is drawn where low is not given. */
const RANGES: Partial<Record<ElementwiseName, readonly (readonly [low: number, high: number])[]>> =
  {
    log: [[0.3, 2]],
    sqrt: [[0.3, 2]],
    rsqrt: [[0.3, 2]],
    pow: [[0.3, 2], [-2, 3]],
    clamp: [[-2, 2], [-1.5, -0.5], [0.5, 1.5]],
  };

const SHAPES: Readonly<Record<number, readonly (readonly Shape[])[]>> = {
  1: [[[]], [[1]], [[5]], [[2, 3]], [[0, 3]]],
  2: [
    [[], []],
    [[2, 3], [2, 3]],
    [[2, 1], [3]],
    [[3], [2, 3]],
    [[], [2, 2]],
    [[2, 2], []],
    [[1, 3], [2, 1, 1]],
    [[0, 3], [3]],
    [[2, 1], [1, 0]],
  ],
  3: [
    [[3], [3], [3]],
    [[2, 1], [3], []],
    [[], [2, 1], [1, 3]],
    [[2, 3], [1, 1], [2, 1, 1]],
    [[0, 2], [2], [1]],
  ],
};

/** Numbers of a size from 0.2 to 1.8 that are neither whole nor halves, or within the range. */
function operandsFor(name: ElementwiseName, shapes: readonly Shape[], dtype: DType): Tensor[] {
  const random = new RandomStream(NAMES.indexOf(name) + 1);
  const { derivatives } = TABLE[name];
  const constant = derivatives.every((derivative) => derivative === null);
  return shapes.map((shape, k) => {
    const [low, high] = RANGES[name]?.[k] ?? [];
    const signs = random.uniform(sizeOf(shape));
    const values = random.uniform(sizeOf(shape)).map((u, i) => {
      if (low !== undefined) return low + u * (high! - low);
      const size = 0.2 + 1.6 * u;
      const near = Math.abs(2 * size - Math.round(2 * size)) < 0.01;
      return (size + (near ? 0.05 : 0)) * (signs[i]! < 0.5 ? -1 : 1);
    });
    const requiresGrad = dtype === "f64" && (constant || derivatives[k] !== null);
    return tensor(toTypedArray(dtype, values), { device: reference, shape, requiresGrad });
  });
}

function applied(name: ElementwiseName): (...operands: readonly Tensor[]) => Tensor {
  return (...operands) => apply(elementwiseRules[name], operands, undefined);
}

for (const name of NAMES) {
  const { fn, derivatives } = TABLE[name];
  const all = SHAPES[derivatives.length]!;

  host(`${name}() reads every operand where broadcasting says`, async () => {
    for (const shapes of all) {
      const operands = operandsFor(name, shapes, "f64");
      const y = applied(name)(...operands);
      assert.equal(y.shape, broadcastShapes(name, shapes));
      const data = await Promise.all(operands.map((operand) => operand.data()));
      const wanted = build(y.shape, (x) => {
        const [a, b, c] = shapes.map((shape, k) => {
          const own = x.slice(x.length - shape.length);
          return at(data[k]!, shape, own.map((place, axis) => shape[axis] === 1 ? 0 : place));
        });
        return fn(a!, b ?? 0, c ?? 0);
      });
      assert.equal([...await y.data()], wanted, shapes.map(formatShape).join(" "));
    }
  });

  host(`${name}() passes gradcheck to second order`, async () => {
    for (const shapes of all) {
      await gradcheck(applied(name), operandsFor(name, shapes, "f64"), { order: 2 });
    }
  });

  host(`${name}() is a method of Tensor`, async () => {
    const [a, ...others] = operandsFor(name, SHAPES[derivatives.length]![1]!, "f32");
    const method = (Tensor.prototype as unknown as Record<string, unknown>)[name];
    assert.type(method, "function");
    const got = (method as (...operands: readonly Tensor[]) => Tensor).call(a!, ...others);
    assert.equal(await got.data(), await applied(name)(a!, ...others).data());
  });
}

host("one tensor as all operands passes gradcheck to second order", async () => {
  const [x] = operandsFor("tanh", [[4]], "f64");
  for (const name of ["add", "sub", "mul", "div"] as const) {
    await gradcheck((x) => applied(name)(x, x), [x!], { order: 2 });
  }
  await gradcheck((x) => x.abs().pow(x), [x!], { order: 2 });
  await gradcheck((x) => x.where(x, x.square()), [x!], { order: 2 });
});

host("at ties both sides of maximum() and minimum() get half", async () => {
  for (const name of ["maximum", "minimum"] as const) {
    const a = tensor([1, 2], { device: reference, requiresGrad: true });
    const b = tensor([1, 2], { device: reference, requiresGrad: true });
    a[name](b).sum().backward();
    assert.equal([...await a.grad!.data(), ...await b.grad!.data()], [0.5, 0.5, 0.5, 0.5]);
  }
});

host("at its ends clamp() passes the gradient on", async () => {
  const x = tensor([-2, -1, 0, 1, 2], { device: reference, requiresGrad: true });
  x.clamp(-1, 1).sum().backward();
  assert.equal([...await x.grad!.data()], [0, 1, 1, 1, 0]);
});

host("operands must have one type, and functions of real numbers no integers", () => {
  const f32 = tensor([1, 2], { device: reference }), i32 = f32.cast("i32");
  assert.throws(
    () => f32.add(i32),
    says(
      DTypeError,
      "Cannot add operands of types f32 and i32: types must be the same, use cast()",
    ),
  );
  assert.throws(
    () => f32.where(f32, f32.cast("f64")),
    isA(DTypeError, /Cannot where operands of types f32 and f32 and f64/),
  );
  for (const name of NAMES.filter((name) => TABLE[name].floatOnly)) {
    const operands = TABLE[name].derivatives.map(() => i32);
    assert.throws(
      () => applied(name)(...operands),
      says(DTypeError, `Cannot ${name} a tensor of type i32: the type must be f32 or f64`),
    );
  }
});

host("operands must broadcast", () => {
  assert.throws(
    () => tensor([1, 2], { device: reference }).add(tensor([1, 2, 3], { device: reference })),
    says(
      ShapeError,
      "Cannot add operands of shapes [2] and [3]: " +
        "sizes 2 and 3, counted from the last axis, must be equal or 1",
    ),
  );
});

host("a number beside integers must be whole", () => {
  for (const dtype of ["i32", "u32"] as const) {
    const x = tensor([1, 2], { device: reference, dtype });
    for (const value of [0.5, NaN, Infinity]) {
      assert.throws(
        () => x.gt(value),
        says(
          DTypeError,
          `Cannot use the number ${value} as an operand of a tensor of type ${dtype}: ` +
            "it must be a whole number, or use cast()",
        ),
      );
    }
  }
});

host.run();

forEachDevice((device, label) => {
  const test = suite(`elementwise on ${label}`);

  for (const { op, y, dx } of golden.cases) {
    test(`${op}() gives PyTorch's values and derivatives, also far out and at 0`, async () => {
      const x = tensor(golden.x.data, { device, requiresGrad: true });
      const got = applied(op as ElementwiseName)(
        x,
        ...(op === "leakyRelu" ? [tensor(0.01, { device })] : []),
      );
      got.sum().backward();
      // In the tail of gelu 1 + tanh loses digits; WGSL promises 1e-5 for tanh.
      const exact = label === "reference" && op !== "gelu";
      const tolerance = { rtol: 1e-5, atol: exact ? 1e-7 : 2e-6 };
      assertClose(await got.data(), y.data, tolerance, "y");
      assertClose(await x.grad!.data(), dx.data, tolerance, "dx");
    });
  }

  test("pow() of special numbers", async () => {
    const cases = [
      [0, 0, 1],
      [0, 2, 0],
      [0, 0.5, 0],
      [0, -1, Infinity],
      [-2, 0, 1],
      [-2, 1, -2],
      [-2, 2, 4],
      [-2, 3, -8],
      [-2, -1, -0.5],
      [-2, -2, 0.25],
      [-1, 1001, -1],
      [1, 1001, 1],
      [2, 0.5, Math.SQRT2],
      [2, -0.5, Math.SQRT1_2],
    ] as const;
    const a = tensor(cases.map(([a]) => a), { device }),
      b = tensor(cases.map(([, b]) => b), { device });
    assertClose(await a.pow(b).data(), cases.map(([, , y]) => y), { rtol: 1e-5 });
  });

  test("pow() has finite derivatives at 0", async () => {
    for (
      const [exponent, first, second] of [[0, 0, 0], [1, 1, 0], [2, 0, 2], [3, 0, 0]] as const
    ) {
      const x = tensor([0], { device, requiresGrad: true });
      const [dx] = x.pow(exponent).sum().gradients([x], { createGraph: true });
      const [ddx] = dx!.sum().gradients([x]);
      assertClose([await dx!.item(), await ddx!.item()], [first, second]);
      const b = tensor([exponent + 1], { device, requiresGrad: true });
      x.pow(b).sum().backward({ inputs: [b] });
      assert.is(Math.abs(await b.grad!.item()), 0);
    }
  });

  test("functions of any numbers work for integers as in 32 bits", async () => {
    for (const dtype of ["i32", "u32"] as const) {
      for (const name of NAMES.filter((name) => !TABLE[name].floatOnly)) {
        const values = [[0, 3, 7, 7, 5], [2, 3, 1, 9, 4], [6, 3, 8, 8, 1]];
        if (dtype === "i32") values.forEach((list, k) => list[k + 1]! *= -1);
        const operands = TABLE[name].derivatives.map((_, k) => {
          return tensor(values[k]!, { device, dtype });
        });
        const [a, b, c] = values;
        const wanted = a!.map((value, i) => TABLE[name].fn(value, b![i]!, c![i]!));
        const got = applied(name)(...operands);
        assert.is(got.dtype, dtype);
        assert.equal(await got.data(), toTypedArray(dtype, wanted), `${name} ${dtype}`);
        assert.not(got.requiresGrad);
      }
    }
  });

  test("results of empty operands are empty", async () => {
    const empty = tensor([], { device, shape: [0, 3], requiresGrad: true });
    const row = tensor([1, 2, 3], { device, requiresGrad: true });
    empty.mul(row).sum().backward();
    assert.equal(empty.grad!.shape, [0, 3]);
    assert.equal([...await row.grad!.data()], [0, 0, 0]);
  });

  test.run();
});
