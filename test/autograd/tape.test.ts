import { suite, test as host } from "uvu";
import * as assert from "uvu/assert";
import { noGrad } from "../../src/autograd/mod.ts";
import { GradientError } from "../../src/errors.ts";
import { sgd } from "../../src/kernels/mod.ts";
import { tidy } from "../../src/scope.ts";
import { type Tensor, tensor, update } from "../../src/tensor/mod.ts";
import { forEachDevice, reference } from "../support/devices.ts";
import { says } from "../support/errors.ts";

/** Names of what the node of a result saved. */
function savedBy(result: Tensor): string[] {
  return [...result.node!.saved.keys()].sort();
}

function leaf(values: number[] | number[][], requiresGrad = true): Tensor {
  return tensor(values, { device: reference, requiresGrad });
}

host("recording starts at leaves and ends at constants", () => {
  const x = leaf([1, 2]), c = leaf([3, 4], false);
  assert.ok(x.isLeaf && c.isLeaf);
  assert.is(c.mul(c).node, null);
  const y = x.mul(c);
  assert.ok(y.requiresGrad);
  assert.not(y.isLeaf);
  assert.equal(y.node!.parents, [x.node, null]);
  assert.equal(y.node!.shapes, [[2], [2]]);
  assert.ok(y.node!.id > x.node!.id);
  assert.is(y.detach().node, null);
  assert.is(noGrad(() => x.mul(c)).node, null);
});

host("piecewise constant rules are not recorded", () => {
  const x = leaf([1.5, 2]);
  for (const y of [x.sign(), x.floor(), x.gt(1), x.argmax(), x.cast("i32")]) {
    assert.not(y.requiresGrad, String(y));
  }
});

host("the tape saves only what the wanted gradients read", () => {
  const x = leaf([[1, 2]]), w = leaf([[3], [4]]);
  const constant = { x: leaf([[1, 2]], false), w: leaf([[3], [4]], false) };
  // With constant weights nothing of x is saved: this is what makes attacks cheap.
  assert.equal(savedBy(x.matmul(constant.w)), ["input1"]);
  assert.equal(savedBy(constant.x.matmul(w)), ["input0"]);
  assert.equal(savedBy(x.matmul(w)), ["input0", "input1"]);

  assert.equal(savedBy(x.add(x)), []);
  assert.equal(savedBy(x.mul(2)), ["input1"]);
  assert.equal(savedBy(x.mul(x)), ["input0", "input1"]);
  assert.equal(savedBy(constant.x.div(x)), ["input1", "output"]);
  assert.equal(savedBy(x.div(constant.x)), ["input1"]);
  assert.equal(savedBy(x.relu()), ["output"]);
  assert.equal(savedBy(x.exp()), ["output"]);
  assert.equal(savedBy(x.log()), ["input0"]);
  assert.equal(savedBy(x.sum()), []);
  assert.equal(savedBy(x.reshape([2])), []);
});

host("saved values are the very buffers, not copies", () => {
  const x = leaf([1, 2]);
  const before = reference.ledger.bytes;
  const y = x.square();
  assert.is(reference.ledger.bytes, before + 8);
  assert.is(y.node!.saved.get("input0")!.buffer, x.buffer);
  y.dispose();
  assert.is(reference.ledger.bytes, before);
});

host("the tape keeps what it saved when the tensors are disposed", async () => {
  const x = leaf([2, 3]);
  const loss = tidy(() => x.mul(5).square().sum());
  loss.backward();
  assert.equal([...await x.grad!.data()], [100, 150]);
});

host("nodes outlive the leaf tensor, and its gradient goes nowhere", () => {
  const before = reference.ledger.buffers;
  const loss = tidy(() => leaf([2, 3]).square().sum());
  loss.backward();
  loss.dispose();
  assert.is(reference.ledger.buffers, before);
});

forEachDevice((device, label) => {
  const test = suite(`tape on ${label}`);

  function stale(name: string, message: string, change: (x: Tensor) => void): void {
    test(`backward() refuses values that were ${name} since`, () => {
      const x = tensor([1, 2], { device, requiresGrad: true });
      const y = x.square();
      const loss = y.sum();
      change(x);
      assert.throws(() => loss.backward(), says(GradientError, message));
      assert.is(x.grad, null);
    });
  }
  const message = "Cannot walk the tape through square: its input0 was overwritten since, " +
    "by an optimiser's step or by batch norm in training mode; call backward() before that";
  stale("updated in place", message, (x) => {
    const [grad, scalars] = [tensor([1, 1], { device }), tensor([0.1, 0, 0, 1], { device })];
    update(sgd, [grad, scalars], [x], undefined);
  });
  stale("written to", message, (x) => device.write(x.buffer, Float32Array.of(5, 6)));

  test("backward() does not mind an update of what was not saved", async () => {
    const x = tensor([1, 2], { device, requiresGrad: true });
    const loss = x.mul(3).sum();
    device.write(x.buffer, Float32Array.of(5, 6));
    loss.backward();
    assert.equal([...await x.grad!.data()], [3, 3]);
  });

  test("assign() leaves what the tape saved as it was", async () => {
    const x = tensor([1, 2], { device, requiresGrad: true });
    const loss = x.square().sum();
    x.assign(tensor([5, 6], { device }));
    loss.backward();
    assert.equal([...await x.grad!.data()], [2, 4]);
    assert.equal([...await x.data()], [5, 6]);
  });

  test.run();
});

host.run();
