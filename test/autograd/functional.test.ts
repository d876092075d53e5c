import { suite, test as host } from "uvu";
import * as assert from "uvu/assert";
import { grad, hvp, noGrad, valueAndGrad, vjp } from "../../src/autograd/mod.ts";
import { DisposedError, GradientError, ShapeError } from "../../src/errors.ts";
import { type Tensor, tensor } from "../../src/tensor/mod.ts";
import { assertClose, forEachDevice, reference } from "../support/devices.ts";
import { isA, says } from "../support/errors.ts";

/** sum of x³ y */
function cubic(x: Tensor, y: Tensor): Tensor {
  return x.pow(3).mul(y).sum();
}

forEachDevice((device, label) => {
  const test = suite(`functional doors on ${label}`);

  async function assertValues(got: Tensor | undefined, wanted: readonly number[]): Promise<void> {
    assertClose(await got!.data(), wanted, { rtol: 1e-4, atol: 1e-4 });
  }

  test("valueAndGrad() gives the value and all gradients, and touches no tensor", async () => {
    const x = tensor([1, 2], { device }), y = tensor([3, 4], { device, requiresGrad: true });
    const { value, gradients } = valueAndGrad(cubic)(x, y);
    await assertValues(value, [35]);
    await assertValues(gradients[0], [9, 48]);
    await assertValues(gradients[1], [1, 8]);
    assert.not(value.requiresGrad || gradients.some(({ requiresGrad }) => requiresGrad));
    assert.equal([x.grad, y.grad, x.requiresGrad], [null, null, false]);
  });

  test("valueAndGrad() computes no gradient of what f closes over", () => {
    const w = tensor([[3], [4]], { device, requiresGrad: true });
    const before = device.ledger.callsOf("matmul");
    valueAndGrad((x) => x.matmul(w).sum())(tensor([[1, 2]], { device }));
    assert.is(device.ledger.callsOf("matmul"), before + 2);
    assert.is(w.grad, null);
  });

  test("all doors record inside of noGrad()", async () => {
    const x = tensor([1, 2], { device, requiresGrad: true });
    const f = (x: Tensor): Tensor => x.square().sum();
    const [gradients, first, { pullback }, second] = noGrad(() => {
      return [valueAndGrad(f)(x).gradients, grad(f)(x), vjp(f, x), hvp(f, [x], [x])] as const;
    });
    assert.not(first.requiresGrad);
    const back = pullback(tensor(1, { device }));
    for (const got of [gradients[0], first, back[0], second[0]]) await assertValues(got, [2, 4]);
  });

  test("grad() is for the first argument", async () => {
    const x = tensor([1, 2], { device }), y = tensor([3, 4], { device });
    const first = grad(cubic)(x, y);
    await assertValues(first, [9, 48]);
    assert.not(first.requiresGrad);
    assert.throws(
      () => grad(cubic)(),
      says(GradientError, "Cannot take a gradient: give at least one tensor"),
    );
  });

  test("grad() of grad() of grad() is the third derivative", async () => {
    const x = tensor([2, -1], { device });
    const f = (x: Tensor): Tensor => x.pow(4).sum();
    const second = (x: Tensor): Tensor => grad(f)(x).sum();
    const third = (x: Tensor): Tensor => grad(second)(x).sum();
    await assertValues(grad(f)(x), [32, -4]);
    await assertValues(grad(second)(x), [48, 12]);
    await assertValues(grad(third)(x), [48, -24]);
  });

  test("grad() tells its argument from the same tensor in its surroundings", async () => {
    // d/dx of (d/dy of x y at y = x) is d/dx of x.
    const f = grad((x) => grad((y) => y.mul(x).sum())(x).sum());
    await assertValues(f(tensor([3, 5], { device })), [1, 1]);
  });

  test("grad() is recorded for an argument that requires a gradient", async () => {
    const x = tensor([2, 3], { device, requiresGrad: true });
    const slope = grad((x) => x.pow(3).sum())(x);
    assert.ok(slope.requiresGrad);
    slope.square().sum().backward();
    // d/dx (3 x²)² = 36 x³
    await assertValues(x.grad!, [288, 972]);
    x.grad = null;
    // Also for a result: the way back goes on behind it.
    const y = x.square();
    grad((y) => y.pow(3).sum())(y).sum().backward();
    // d/dx 3 x⁴
    await assertValues(x.grad!, [96, 324]);
  });

  test("functions that do not depend on an argument have zeros for it", async () => {
    const x = tensor([Infinity, 2], { device }), y = tensor([[3]], { device });
    const zeros = [[0, 0], [0]] as const;
    const constant = tensor(5, { device });
    for (const f of [() => constant, () => constant.detach(), (x: Tensor) => x.sign().sum()]) {
      const { gradients } = valueAndGrad(f)(x, y);
      const results = [
        gradients,
        [grad(f)(x, y)],
        vjp(f, x, y).pullback(constant),
        hvp(f, [x, y], [x, y]),
      ];
      for (const tensors of results) {
        for (const [i, tensor] of tensors.entries()) await assertValues(tensor, zeros[i]!);
      }
    }
    const { gradients } = valueAndGrad((_, y) => y.sum())(x, y);
    await assertValues(gradients[0], [0, 0]);
    await assertValues(gradients[1], [1]);
    // The gradient of a linear function does not depend on x.
    const [product] = hvp((x) => x.mul(3).sum(), [y], [y]);
    await assertValues(product, [0]);
  });

  test("vjp() carries any number of gradients back", async () => {
    const x = tensor([1, 2], { device }), w = tensor([3, 4], { device });
    const { value, pullback } = vjp((x, w) => x.square().mul(w), x, w);
    await assertValues(value, [3, 16]);
    for (let i = 0; i < 2; i++) {
      const [dx, dw] = pullback(tensor([1, 10], { device }));
      await assertValues(dx, [6, 160]);
      await assertValues(dw, [1, 40]);
    }
    const [dx] = pullback(tensor([1, 0], { device }));
    await assertValues(dx, [6, 0]);
    assert.throws(() => pullback(tensor(1, { device })), isA(ShapeError, /gradient of shape \[\]/));
  });

  test("vjp() has no way back without its value", () => {
    const { value, pullback } = vjp((x) => x.square(), tensor([1, 2], { device }));
    value.dispose();
    assert.throws(() => pullback(tensor([1, 1], { device })), isA(DisposedError));
  });

  test("hvp() is the Hessian times a vector", async () => {
    // f = sum of x² y + y³: d²/dx² = 2 y, d²/dxdy = 2 x, d²/dy² = 6 y.
    const f = (x: Tensor, y: Tensor): Tensor => x.square().mul(y).add(y.pow(3)).sum();
    const [x, y, v, u] = [[1, 2], [3, 4], [5, 6], [7, 8]].map((values) =>
      tensor(values, { device })
    );
    const [dx, dy] = hvp(f, [x!, y!], [v!, u!]);
    await assertValues(dx, [2 * 3 * 5 + 2 * 1 * 7, 2 * 4 * 6 + 2 * 2 * 8]);
    await assertValues(dy, [2 * 1 * 5 + 6 * 3 * 7, 2 * 2 * 6 + 6 * 4 * 8]);
    assert.not(dx!.requiresGrad);
  });

  test("hvp() of a quadratic form is (A + Aᵀ) v", async () => {
    const a = tensor([[1, 2, 3], [0, -4, 5], [7, 1, 0.5]], { device });
    const x = tensor([[1], [-2], [3]], { device }), v = tensor([[0.5], [1], [2]], { device });
    const f = (x: Tensor): Tensor => x.matmul(a.matmul(x), { transposeA: true }).sum();
    const [product] = hvp(f, [x], [v]);
    const wanted = a.add(a.transpose()).matmul(v);
    assertClose(await product!.data(), await wanted.data(), { rtol: 1e-5 });
  });

  test.run();
});

host("hvp() wants one vector per tensor, of the same shape", () => {
  const x = tensor([[1, 2]], { device: reference }), v = tensor([1, 2], { device: reference });
  assert.throws(
    () => hvp((x) => x.sum(), [x], []),
    says(
      GradientError,
      "Cannot multiply the Hessian for 1 tensors with 0 vectors: give one vector per tensor",
    ),
  );
  assert.throws(
    () => hvp((x) => x.square().sum(), [x], [v]),
    says(
      ShapeError,
      "Cannot multiply the Hessian for a tensor of shape [1, 2] with a vector of shape [2]: " +
        "both must be the same",
    ),
  );
});

host("valueAndGrad() wants a scalar", () => {
  const x = tensor([1, 2], { device: reference });
  assert.throws(() => valueAndGrad((x) => x.square())(x), isA(GradientError, /must be a scalar/));
});

host.run();
