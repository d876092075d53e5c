import { test } from "uvu";
import * as assert from "uvu/assert";
import { gradcheck, type Rule } from "../../src/autograd/mod.ts";
import { GradientError } from "../../src/errors.ts";
import { elementwise } from "../../src/kernels/mod.ts";
import { apply, type Tensor, tensor } from "../../src/tensor/mod.ts";
import { reference } from "../support/devices.ts";
import { isA, rejects, says } from "../support/errors.ts";
import { sample } from "../support/numbers.ts";

type SquareRule = Rule<readonly [x: Tensor]>;

/** x², with a way back that may be wrong. */
function square(vjp: NonNullable<SquareRule["vjp"]>): (x: Tensor) => Tensor {
  const rule: SquareRule = {
    name: "square",
    forward: (run, inputs) => ({ output: run(elementwise.square, inputs, undefined)[0]! }),
    saves: () => ({ inputs: [true] }),
    vjp,
  };
  return (x) => apply(rule, [x], undefined);
}

function input(shape: readonly number[] = [2, 3]): Tensor {
  return sample(shape, 1, { device: reference, dtype: "f64" });
}

test("gradcheck() passes a right rule to second order, and leaves its inputs alone", async () => {
  const x = input();
  const held = reference.ledger.buffers;
  await gradcheck(square(({ inputs: [x], grad }) => [grad.mul(x).mul(2)]), [x], { order: 2 });
  assert.is(x.grad, null);
  assert.ok(reference.ledger.buffers - held < 10, "only constants may stay");
});

test("gradcheck() catches a wrong factor, and names the element", async () => {
  const x = tensor([0, 0.5], { device: reference, dtype: "f64", requiresGrad: true });
  const wrong = square(({ inputs: [x], grad }) => [grad.mul(x).mul(2.01)]);
  await rejects(
    gradcheck(wrong, [x]),
    isA(
      GradientError,
      /^Cannot confirm the gradient: received derivative 1\.\d+ for argument 0 at element 1, but the central difference gives \d\.\d+$/,
    ),
  );
});

test("gradcheck() catches a sign, a missing term, a wrong order and NaN", async () => {
  const wrong: NonNullable<SquareRule["vjp"]>[] = [
    ({ inputs: [x], grad }) => [grad.mul(x).mul(-2)],
    ({ inputs: [x], grad }) => [grad.mul(x)],
    ({ inputs: [x], grad }) => [grad.mul(x.flip(1)).mul(2)],
    ({ inputs: [x], grad }) => [grad.mul(x).mul(2).div(0).mul(0)],
    ({ inputs: [x] }) => [x.mul(2)],
    () => [null],
  ];
  for (const vjp of wrong) {
    await rejects(gradcheck(square(vjp), [input()]), isA(GradientError, /confirm the gradient/));
  }
});

test("gradcheck() catches a gradient that is right once but cannot be differentiated", async () => {
  const cut = square(({ inputs: [x], grad }) => [grad.mul(x.detach()).mul(2)]);
  await gradcheck(cut, [input()]);
  await rejects(
    gradcheck(cut, [input()], { order: 2 }),
    isA(GradientError, /^Cannot confirm the second derivative: received derivative 0 /),
  );
});

test("gradcheck() catches a rule that passes nothing on", async () => {
  const rule: SquareRule = {
    name: "square",
    forward: (run, inputs) => ({ output: run(elementwise.square, inputs, undefined)[0]! }),
  };
  const lost = (x: Tensor): Tensor => apply(rule, [x], undefined);
  await rejects(gradcheck(lost, [input()]), isA(GradientError, /received derivative 0 /));
});

test("gradcheck() passes linear and piecewise constant functions to second order", async () => {
  await gradcheck((x) => x.neg(), [input()], { order: 2 });
  await gradcheck((x) => x.mul(3).sum(), [input()], { order: 2 });
  await gradcheck((x) => x.sign(), [input()], { order: 2 });
  await gradcheck((x, y) => x.sub(y), [input(), input([3])], { order: 2 });
});

test("gradcheck() finds the wrong one of several arguments", async () => {
  const wrong = square(({ inputs: [x], grad }) => [grad.mul(x)]);
  await rejects(
    gradcheck((x, y) => x.square().add(wrong(y)), [input(), input()]),
    isA(GradientError, /for argument 1 at element 0,/),
  );
  // A constant is not looked at.
  await gradcheck((x, y) => x.square().add(wrong(y)), [input(), input().detach()]);
});

test("gradcheck() is as strict when constants of another type come first", async () => {
  const labels = tensor([1, 0], { device: reference, dtype: "i32" });
  const wrong = square(({ inputs: [x], grad }) => [grad.mul(x).mul(2.001)]);
  await rejects(
    gradcheck((_, x) => wrong(x), [labels, input()]),
    isA(GradientError, /confirm the gradient/),
  );
});

test("gradcheck() needs an input that requires a gradient", async () => {
  await rejects(
    gradcheck((x) => x.square(), [input().detach()]),
    says(GradientError, "Cannot check gradients: no input requires one, set requiresGrad"),
  );
});

test("gradcheck() takes f32 with two digits", async () => {
  const x = tensor([0.3, -0.7], { device: reference, requiresGrad: true });
  await gradcheck((x) => x.tanh().square(), [x], { order: 2 });
});

test.run();
