import { test } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck } from "../../src/autograd/mod.ts";
import { DTypeError, ShapeError } from "../../src/errors.ts";
import type { Shape } from "../../src/shape.ts";
import { type Tensor, tensor, zeros } from "../../src/tensor/mod.ts";
import { assertClose, reference } from "../support/devices.ts";
import { isA, says } from "../support/errors.ts";
import { sample } from "../support/numbers.ts";

function f64(shape: Shape, seed: number): Tensor {
  return sample(shape, seed, { device: reference, dtype: "f64" });
}

/** The shape of an operand, as it is before it is transposed. */
function before([...batch]: Shape, rows: number, columns: number, transposed: boolean): Shape {
  return [...batch, ...(transposed ? [columns, rows] : [rows, columns])];
}

const TRANSPOSES = [false, true].flatMap((transposeA) =>
  [false, true].map((transposeB) => ({ transposeA, transposeB }))
);

test("matmul() sums products", async () => {
  const a = tensor([[1, 2, 3], [4, 5, 6]], { device: reference });
  const b = tensor([[1, 0], [2, 1], [0, -1]], { device: reference });
  const wanted = [[5, -1], [14, -1]];
  assert.equal(await a.matmul(b).toArray(), wanted);
  assert.equal(await a.transpose().matmul(b, { transposeA: true }).toArray(), wanted);
  assert.equal(await a.matmul(b.transpose(), { transposeB: true }).toArray(), wanted);
});

test("matmul() of a batch is one product per index, with shared operands", async () => {
  const a = f64([4, 1, 2, 3], 1), b = f64([5, 3, 2], 2);
  const c = a.matmul(b);
  assert.equal(c.shape, [4, 5, 2, 2]);
  for (const [i, j] of [[0, 0], [3, 4], [2, 1]] as const) {
    const [one, other] = [
      a.slice(0, i, i + 1).reshape([2, 3]),
      b.slice(0, j, j + 1).reshape([3, 2]),
    ];
    const part = c.slice(0, i, i + 1).slice(1, j, j + 1).reshape([2, 2]);
    assertClose(await part.data(), await one.matmul(other).data(), { rtol: 1e-14 });
  }
});

test("matmul() passes gradcheck to second order for all transposes", async () => {
  for (const [M, K, N] of [[1, 1, 1], [2, 3, 5], [1, 3, 1], [3, 1, 2]] as const) {
    for (const options of TRANSPOSES) {
      const a = f64(before([], M, K, options.transposeA), 1);
      const b = f64(before([], K, N, options.transposeB), 2);
      await gradcheck((a, b) => a.matmul(b, options), [a, b], { order: 2 });
    }
  }
});

test("matmul() passes gradcheck to second order for batches that broadcast", async () => {
  const batches: readonly (readonly [Shape, Shape])[] = [
    [[3], [3]],
    [[3], []],
    [[], [2, 2]],
    [[3], [1]],
    [[2, 1], [3]],
    [[1, 1, 2], [3, 1]],
  ];
  for (const [batchA, batchB] of batches) {
    for (const options of TRANSPOSES) {
      const a = f64(before(batchA, 2, 3, options.transposeA), 3);
      const b = f64(before(batchB, 3, 1, options.transposeB), 4);
      await gradcheck((a, b) => a.matmul(b, options), [a, b], { order: 2 });
    }
  }
});

test("matmul() of one tensor with itself passes gradcheck to second order", async () => {
  await gradcheck((a) => a.matmul(a, { transposeB: true }), [f64([2, 3], 5)], { order: 2 });
});

test("matmul() without terms is 0, and without elements is empty; so are the gradients", async () => {
  for (const [M, K, N] of [[2, 0, 3], [0, 2, 3], [2, 3, 0], [0, 0, 0]] as const) {
    for (const options of TRANSPOSES) {
      const a = f64(before([], M, K, options.transposeA), 1);
      const b = f64(before([], K, N, options.transposeB), 2);
      const c = a.matmul(b, options);
      assert.equal(c.shape, [M, N]);
      assert.equal([...await c.data()], new Array(M * N).fill(0));
      await gradcheck((a, b) => a.matmul(b, options), [a, b], { order: 2 });
    }
  }
  const [a, b] = [f64([0, 2, 3], 1), f64([3, 1], 2)];
  assert.equal(a.matmul(b).shape, [0, 2, 1]);
  await gradcheck((a, b) => a.matmul(b), [a, b], { order: 2 });
});

test("matmul() names shapes and sizes that do not fit", () => {
  const make = (shape: Shape): Tensor => zeros(shape, { device: reference });
  const cases: readonly (readonly [Shape, Shape, string])[] = [
    [[32, 784], [512, 10], "inner sizes 784 and 512 must be equal"],
    [[3], [3, 2], "both must have at least two axes"],
    [[2, 3], [], "both must have at least two axes"],
  ];
  for (const [a, b, message] of cases) {
    const shapes = `[${a.join(", ")}] and [${b.join(", ")}]`;
    assert.throws(
      () => make(a).matmul(make(b)),
      says(ShapeError, `Cannot multiply matrices of shapes ${shapes}: ${message}`),
    );
  }
  assert.throws(
    () => make([2, 3]).matmul(make([2, 3]), { transposeA: true, transposeB: true }),
    isA(ShapeError, /inner sizes 2 and 3/),
  );
  assert.throws(
    () => make([2, 1, 3]).matmul(make([3, 3, 1])),
    isA(
      ShapeError,
      /Cannot multiply matrices over operands of shapes \[2\] and \[3\]: sizes 2 and 3/,
    ),
  );
});

test("matmul() takes two of the same floating-point type", () => {
  const f32 = zeros([2, 2], { device: reference });
  assert.throws(
    () => f32.matmul(f32.cast("f64")),
    says(
      DTypeError,
      "Cannot multiply matrices of shapes [2, 2] and [2, 2]: " +
        "types f32 and f64 must both be f32 or both f64",
    ),
  );
  const i32 = f32.cast("i32");
  assert.throws(() => i32.matmul(i32), isA(DTypeError, /types i32 and i32 must both/));
});

test.run();
