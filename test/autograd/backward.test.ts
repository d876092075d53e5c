import { suite, test as host } from "uvu";
import * as assert from "uvu/assert";
import { noGrad, type Rule } from "../../src/autograd/mod.ts";
import { GradientError, ShapeError } from "../../src/errors.ts";
import { tidy } from "../../src/scope.ts";
import { apply, ones, type Tensor, tensor } from "../../src/tensor/mod.ts";
import { assertClose, forEachDevice, reference } from "../support/devices.ts";
import { isA, says } from "../support/errors.ts";

const TWICE = "Cannot walk the tape through square twice: what it saved was freed by the first " +
  "backward(), call backward({ retainGraph: true }) there";

async function gradOf(leaf: Tensor): Promise<number[] | null> {
  return leaf.grad && [...await leaf.grad.data()];
}

forEachDevice((device, label) => {
  const test = suite(`backward on ${label}`);

  function leaf(values: number | number[] | number[][]): Tensor {
    return tensor(values, { device, requiresGrad: true });
  }

  test("backward() gives every leaf its gradient", async () => {
    const x = leaf([1, 2, 3]), w = leaf([4, 5, 6]), b = leaf(7);
    const loss = x.mul(w).add(b).sum();
    loss.backward();
    assert.equal(await gradOf(x), [4, 5, 6]);
    assert.equal(await gradOf(w), [1, 2, 3]);
    assert.equal(await gradOf(b), [3]);
    assert.equal(b.grad!.shape, []);
    assert.is(loss.grad, null);
    assert.not(x.grad!.requiresGrad);
  });

  test("backward() names a rule whose gradient has the wrong shape", () => {
    const careless: Rule<readonly [x: Tensor, b: Tensor]> = {
      name: "careless",
      forward: (_run, [x, b]) => ({ output: noGrad(() => x.add(b)) }),
      vjp: ({ grad }) => [grad, grad],
    };
    const result = apply(careless, [leaf([1, 2, 3]), leaf(4)], undefined).sum();
    assert.throws(
      () => result.backward(),
      says(
        GradientError,
        "Cannot pass a gradient of shape [3] to input 1 of careless: the input has shape [], " +
          "end the vjp with sumTo(shape) where the rule broadcasts",
      ),
    );
  });

  test("backward() adds to gradients that are there", async () => {
    const x = leaf([1, 2]);
    x.square().sum().backward();
    const first = x.grad!;
    x.mul(10).sum().backward();
    assert.equal(await gradOf(x), [12, 14]);
    assert.ok(first.isDisposed);
  });

  test("backward() adds up the ways through a shared result", async () => {
    const x = leaf([1, 2]);
    const shared = x.square();
    shared.mul(3).add(shared.mul(shared)).add(x).sum().backward();
    // 3 x² + x⁴ + x
    assert.equal(await gradOf(x), [6 + 4 + 1, 12 + 32 + 1]);
  });

  test("backward() walks a ladder of diamonds once per node", async () => {
    const x = leaf(1);
    let y: Tensor = x;
    for (let i = 0; i < 20; i++) y = y.add(y.mul(1));
    const before = device.ledger.callsOf("mul");
    y.backward();
    assert.equal(await gradOf(x), [2 ** 20]);
    assert.is(device.ledger.callsOf("mul"), before + 20);
  });

  test("backward() adds the shares of a tensor that one rule got twice", async () => {
    const x = leaf([[1, 2], [3, 4]]);
    x.mul(x).sum().backward();
    assert.equal(await gradOf(x), [2, 4, 6, 8]);
    x.grad = null;
    x.matmul(x).sum().backward();
    assert.equal(await gradOf(x), [3 + 4, 7 + 4, 3 + 6, 7 + 6]);
    x.grad = null;
    x.sub(x).sum().backward();
    assert.equal(await gradOf(x), [0, 0, 0, 0]);
  });

  test("backward() starts from the leaf itself", async () => {
    const x = leaf(3);
    x.backward();
    assert.equal(await gradOf(x), [1]);
  });

  test("backward() starts from one element of any shape", async () => {
    const x = leaf([[2]]);
    x.square().backward();
    assert.equal(await gradOf(x), [4]);
    assert.equal(x.grad!.shape, [1, 1]);
  });

  test("backward() takes the gradient of a tensor", async () => {
    const x = leaf([1, 2, 3]);
    const gradient = tensor([1, 10, 100], { device });
    x.square().backward({ gradient });
    assert.equal(await gradOf(x), [2, 40, 600]);
    assert.not(gradient.isDisposed);
    assert.throws(
      () => x.square().backward({ gradient: tensor([1, 2], { device }) }),
      says(
        ShapeError,
        "Cannot start backward from a result of shape [3] with a gradient of shape [2]: " +
          "both must have the same shape",
      ),
    );
    assert.throws(
      () => x.square().backward({ gradient: tensor(1, { device }) }),
      isA(ShapeError, /a gradient of shape \[\]/),
    );
  });

  test("backward() twice needs retainGraph", async () => {
    const x = leaf([1, 2]);
    const loss = x.square().sum();
    loss.backward({ retainGraph: true });
    loss.backward();
    assert.equal(await gradOf(x), [4, 8]);
    assert.throws(() => loss.backward(), isA(GradientError, /through sum twice/));
    assert.equal(await gradOf(x), [4, 8]);
  });

  test("backward() through a part that was walked before says so", async () => {
    const x = leaf([1, 2]);
    const shared = x.square();
    shared.sum().backward();
    assert.throws(() => shared.mul(3).sum().backward(), says(GradientError, TWICE));
    assert.equal(await gradOf(x), [2, 4]);
  });

  test("backward({ inputs }) gives only these leaves a gradient, and runs nothing else", async () => {
    const x = leaf([[1, 2]]), w = leaf([[3], [4]]), v = leaf([[5]]), alone = leaf([1]);
    function loss(): Tensor {
      return x.matmul(w).matmul(v).sum();
    }
    function productsOf(inputs: readonly Tensor[]): number {
      const y = loss();
      const before = device.ledger.callsOf("matmul");
      y.backward({ inputs });
      return device.ledger.callsOf("matmul") - before;
    }
    // One product per step back towards x, none for the weights on the way.
    assert.is(productsOf([x]), 2);
    assert.equal(await gradOf(x), [15, 20]);
    assert.equal([w.grad, v.grad], [null, null]);
    assert.is(productsOf([v]), 1);
    assert.is(productsOf([x, w, v, x]), 4);
    assert.equal(await gradOf(x), [30, 40]);
    // Nothing leads to it: nothing runs, nothing is added.
    assert.is(productsOf([alone]), 0);
    assert.is(alone.grad, null);
  });

  test("constant weights get no kernels", () => {
    const x = leaf([[1, 2]]), w = tensor([[3], [4]], { device });
    const loss = x.matmul(w).sum();
    const before = device.ledger.callsOf("matmul");
    loss.backward();
    assert.is(device.ledger.callsOf("matmul"), before + 1);
  });

  test("gradients() are those of leaves and of results on the way", async () => {
    const x = leaf([1, 2]);
    const y = x.square();
    const z = y.mul(3);
    const [dx, dy, dz, again] = z.square().sum().gradients([x, y, z, x]);
    // 9 x⁴; 9 y²; z²
    assert.equal([...await dx!.data()], [36, 288]);
    assert.equal([...await dy!.data()], [18, 72]);
    assert.equal([...await dz!.data()], [6, 24]);
    assert.equal([...await again!.data()], [36, 288]);
    assert.is(x.grad, null);
  });

  test("gradients() with respect to a result leave what lies behind it as it was", async () => {
    const x = leaf([1, 2]);
    const y = x.exp().square();
    const before = device.ledger.callsOf("mul");
    const [dy] = y.sum().gradients([y]);
    assert.equal([...await dy!.data()], [1, 1]);
    assert.is(device.ledger.callsOf("mul"), before);
    const [self] = y.gradients([y], { gradient: tensor([5, 6], { device }) });
    assert.equal([...await self!.data()], [5, 6]);
    y.log().sum().backward();
    assert.equal((await gradOf(x))!.map((v) => Math.round(v * 1e4) / 1e4), [2, 2]);
  });

  test("gradients() of what a tensor does not depend on are zeros, whatever its elements", async () => {
    const x = leaf([1, 2]), other = leaf([[Infinity, NaN, 3]]);
    const [dx, dother] = x.sum().gradients([x, other]);
    assert.equal([...await dx!.data()], [1, 1]);
    assert.equal(dother!.shape, [1, 3]);
    assert.equal([...await dother!.data()], [0, 0, 0]);
  });

  test("createGraph gives derivatives of derivatives of x⁴", async () => {
    const wanted = [[32, -4, 0], [48, 12, 0], [48, -24, 0], [24, 24, 24], [0, 0, 0]];
    async function check(f: (x: Tensor) => Tensor, orders: number): Promise<void> {
      const x = leaf([2, -1, 0]);
      let y = f(x);
      for (const values of wanted.slice(0, orders)) {
        y = y.sum().gradients([x], { createGraph: true })[0]!;
        assertClose(await y.data(), values, { rtol: 1e-4, atol: 1e-4 });
      }
    }
    await check((x) => x.pow(4), 5);
    await check((x) => x.mul(x).square(), 4);
  });

  test("backward({ createGraph }) records the gradients it adds", async () => {
    const x = leaf([2, 3]);
    x.pow(3).sum().backward({ createGraph: true });
    const first = x.grad!;
    assert.ok(first.requiresGrad);
    x.grad = null;
    first.mul(first).sum().backward();
    // d/dx (3 x²)² = 36 x³
    assert.equal((await gradOf(x))!.map(Math.round), [288, 972]);
    first.dispose();
  });

  test("createGraph differentiates with respect to the gradient that comes in", async () => {
    const x = leaf([2, 3]), v = leaf([1, 10]);
    const [product] = x.square().gradients([x], { gradient: v, createGraph: true });
    const [dv, dx] = product!.sum().gradients([v, x]);
    assert.equal([...await dv!.data()], [4, 6]);
    assert.equal([...await dx!.data()], [2, 20]);
  });

  test("detach() and noGrad() cut the tape", async () => {
    const x = leaf([1, 2]);
    x.mul(x.detach()).add(noGrad(() => x.square())).sum().backward();
    assert.equal(await gradOf(x), [1, 2]);
  });

  test("backward() works inside of noGrad(), and records what createGraph asks for", async () => {
    const x = leaf([1, 2]);
    const loss = x.square().sum();
    noGrad(() => loss.backward({ createGraph: true }));
    assert.ok(x.grad!.requiresGrad);
    assert.equal(await gradOf(x), [2, 4]);
    x.grad!.dispose();
  });

  test("gradients are kept from tidy()", async () => {
    const x = leaf([1, 2]);
    tidy(() => x.square().sum().backward());
    tidy(() => x.square().sum().backward());
    assert.equal(await gradOf(x), [4, 8]);
    const grad = x.grad!;
    x.dispose();
    assert.ok(grad.isDisposed);
  });

  test("backward() over 20,000 nodes does not exhaust the stack", async () => {
    const steps = label === "reference" ? 20_000 : 2_000;
    const before = device.ledger.buffers;
    const x = leaf(1);
    const y = tidy(() => {
      let y: Tensor = x;
      for (let i = 0; i < steps; i++) {
        const next = y.neg();
        if (y !== x) y.dispose();
        y = next;
      }
      return y;
    });
    y.backward({ retainGraph: true });
    assert.equal(await gradOf(x), [1]);
    y.dispose();
    x.dispose();
    assert.is(device.ledger.buffers, before);
  });

  test.run();
});

host("backward() from what is no scalar says what to do", () => {
  const x = ones([2, 3], { device: reference, requiresGrad: true });
  assert.throws(
    () => x.square().backward(),
    says(
      GradientError,
      "Cannot start backward from a tensor of shape [2, 3]: " +
        "it must be a scalar, use sum(), mean() or backward({ gradient })",
    ),
  );
  const empty = ones([0], { device: reference, requiresGrad: true });
  assert.throws(() => empty.square().backward(), isA(GradientError, /a tensor of shape \[0\]/));
});

host("backward() from what depends on no leaf says why", () => {
  const x = ones([2], { device: reference, requiresGrad: true });
  const message = "Cannot walk back from a tensor of shape []: it does not depend on any tensor " +
    "that requires a gradient, or only through piecewise constant operations; " +
    "set requiresGrad before computing it, outside of noGrad()";
  for (const y of [x.detach().sum(), noGrad(() => x.sum()), x.sum().sign()]) {
    assert.throws(() => y.backward(), says(GradientError, message));
  }
});

host("inputs of backward() are leaves, those of gradients() any tensor on the tape", () => {
  const x = ones([2], { device: reference, requiresGrad: true });
  const y = x.square();
  assert.throws(
    () => y.sum().backward({ inputs: [y] }),
    says(
      GradientError,
      "Cannot add to the gradient of the result of square: " +
        "inputs of backward() must be leaves, use gradients()",
    ),
  );
  const constant = x.detach();
  const message = "Cannot take the gradient with respect to a tensor of shape [2]: " +
    "it does not require one, set requiresGrad before computing with it";
  assert.throws(() => y.sum().gradients([constant]), says(GradientError, message));
  assert.throws(() => y.sum().backward({ inputs: [constant] }), says(GradientError, message));
});

host("gradients of an empty tensor are empty", async () => {
  const x = ones([0, 3], { device: reference, requiresGrad: true });
  x.square().sum().backward();
  assert.equal(x.grad!.shape, [0, 3]);
  assert.is((await x.grad!.data()).length, 0);
});

host.run();
