// What the tape holds is given back: with the loss, by backward(), in loops of any length.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { grad, hvp, valueAndGrad, vjp } from "../../src/autograd/mod.ts";
import { sgd } from "../../src/kernels/mod.ts";
import { tidy } from "../../src/scope.ts";
import { type Tensor, tensor, update } from "../../src/tensor/mod.ts";
import { forEachDevice } from "../support/devices.ts";
import { sample } from "../support/numbers.ts";

forEachDevice((device, label) => {
  const test = suite(`memory on ${label}`);
  const { ledger } = device;

  /**
   * Runs something twice. The second time, when all constants are there, it must give everything
   * back; `holds(n)` in it checks that n buffers more are held than at the start.
   */
  function assertFlat(run: (holds: (count: number) => void) => void): void {
    run(() => {});
    const { buffers, bytes } = ledger;
    run((count) => assert.is(ledger.buffers, buffers + count));
    assert.is(ledger.buffers, buffers);
    assert.is(ledger.bytes, bytes);
  }

  function leaf(shape: readonly number[], seed: number): Tensor {
    const x = sample(shape, seed, { device });
    x.requiresGrad = true;
    return x;
  }

  /** A small network with most kinds of nodes. */
  function lossOf(x: Tensor, w: Tensor, b: Tensor): Tensor {
    return tidy(() => {
      const h = x.matmul(w).add(b).relu();
      return h.mul(h).sub(h.tanh()).mean(0).exp().reshape([-1]).sum();
    });
  }

  test("a loss that is dropped without backward() gives everything back", () => {
    assertFlat((holds) => {
      const [x, w, b] = [leaf([5, 3], 1), leaf([3, 4], 2), leaf([4], 3)] as const;
      const before = ledger.buffers;
      const loss = lossOf(x, w, b);
      assert.ok(ledger.buffers > before + 3);
      loss.dispose();
      holds(3);
      for (const made of [x, w, b]) made.dispose();
    });
  });

  test("backward() gives back what was saved, and leaves the gradients", () => {
    assertFlat((holds) => {
      const leaves = [leaf([5, 3], 1), leaf([3, 4], 2), leaf([4], 3)] as const;
      const loss = lossOf(...leaves);
      loss.backward();
      holds(3 + 1 + 3);
      loss.dispose();
      holds(3 + 3);
      for (const made of leaves) made.dispose();
    });
  });

  test("gradients are held by nobody else", () => {
    assertFlat(() => {
      const [x, w, b] = [leaf([5, 3], 1), leaf([3, 4], 2), leaf([4], 3)] as const;
      const loss = lossOf(x, w, b);
      const alone = leaf([7], 4);
      for (const gradient of loss.gradients([x, w, alone], { retainGraph: true })) {
        gradient.dispose();
      }
      const gradient = tensor(2, { device });
      loss.backward({ gradient });
      for (const made of [x, w, b, alone, loss, gradient]) made.dispose();
    });
  });

  test("a second derivative gives everything back", () => {
    assertFlat(() => {
      const [x, w, b] = [leaf([5, 3], 1), leaf([3, 4], 2), leaf([4], 3)] as const;
      tidy(() => {
        const [dx] = lossOf(x, w, b).gradients([x], { createGraph: true });
        dx!.square().sum().backward();
      });
      const loss = lossOf(x, w, b);
      loss.backward({ createGraph: true });
      for (const made of [x, w, b, loss]) made.dispose();
    });
  });

  test("a walk that fails gives everything back", () => {
    assertFlat(() => {
      const x = leaf([3], 1);
      tidy(() => {
        const y = x.square();
        const loss = y.mul(2).add(x.exp()).sum();
        y.sum().gradients([x]);
        assert.throws(() => loss.backward());
      });
      x.dispose();
    });
  });

  test("the functional doors give everything back but their results", () => {
    const f = (x: Tensor, w: Tensor): Tensor => tidy(() => x.matmul(w).tanh().square().sum());
    assertFlat((holds) => {
      const [x, w] = [sample([2, 3], 1, { device }), sample([3, 2], 2, { device })];
      const { value, gradients } = valueAndGrad(f)(x, w);
      const first = grad(f)(x, w);
      const products = hvp(f, [x, w], [x, w]);
      holds(2 + 6);
      const { value: y, pullback } = vjp((x, w) => x.matmul(w).tanh(), x, w);
      const back = [pullback(y), pullback(y)].flat();
      for (const made of [value, first, y, ...gradients, ...products, ...back]) made.dispose();
      holds(2);
      for (const made of [x, w]) made.dispose();
    });
  });

  test("methods made of several give back what is between", () => {
    assertFlat(() => {
      const x = sample([2, 3], 1, { device });
      const made = [x.sumTo([3]), x.sumTo([1, 1]), x.sumTo([2, 3]), x.transpose(), x.flatten(0)];
      assert.is(new Set([x, ...made].map(({ buffer }) => buffer)).size, 4);
      for (const tensor of [x, ...made]) tensor.dispose();
    });
  });

  test("errors give back what was made before them", () => {
    assertFlat(() => {
      assert.throws(() => tensor([1, 2], { device, dtype: "i32", requiresGrad: true }));
    });
  });

  test("memory after 1,000 steps of training is what it was after 10", async () => {
    const [x, target] = [sample([6, 3], 1, { device }), sample([6, 2], 2, { device })];
    const [w, b] = [leaf([3, 2], 3), leaf([2], 4)];
    const scalars = tensor([0.01, 0, 0, 1], { device });

    async function train(steps: number): Promise<number> {
      let last = 0;
      for (let step = 1; step <= steps; step++) {
        const loss = tidy(() => x.matmul(w).add(b).sub(target).square().mean());
        loss.backward();
        for (const parameter of [w, b]) {
          update(sgd, [parameter.grad!, scalars], [parameter], undefined);
          parameter.grad!.dispose();
          parameter.grad = null;
        }
        if (step % 90 === 10) last = await loss.item();
        loss.dispose();
      }
      return last;
    }
    const early = await train(10);
    const { buffers, bytes, peakBytes } = ledger;
    const late = await train(990);
    assert.is(ledger.buffers, buffers);
    assert.is(ledger.bytes, bytes);
    assert.is(ledger.peakBytes, peakBytes);
    assert.ok(late < early, `${late} after ${early}`);
    for (const made of [x, target, w, b, scalars]) made.dispose();
    // The process must not end with work on the way.
    await device.sync();
  });

  test.run();
});
