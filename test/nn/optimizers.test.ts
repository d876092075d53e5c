import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import type { DType } from "../../src/dtype.ts";
import { BackendError, DTypeError, GradientError, ShapeError } from "../../src/errors.ts";
import { Adam, AdamW, type Optimizer, SGD } from "../../src/nn/mod.ts";
import type { Device } from "../../src/backend/mod.ts";
import { tidy } from "../../src/scope.ts";
import { ones, type Tensor, tensor, zeros } from "../../src/tensor/mod.ts";
import golden from "../fixtures/optimizers.json" with { type: "json" };
import { assertClose, forEachDevice, reference, webgpu } from "../support/devices.ts";
import { isA } from "../support/errors.ts";

type Case = (typeof golden.cases)[number];
type Named = Map<string, Tensor>;
interface Where {
  readonly device: Device;
  readonly dtype?: DType;
}

const NAMES = ["p", "q"] as const;

function load({ shape, data }: { shape: number[]; data: number[] }, where: Where): Tensor {
  return tensor(data.map(Math.fround), { shape, ...where });
}

function start(where: Where): Named {
  return new Map(NAMES.map((name) => {
    const parameter = load(golden.problem[name].start, where);
    parameter.requiresGrad = true;
    return [name, parameter];
  }));
}

function make(parameters: Named, { optimizer, options }: Case): Optimizer {
  const { eps, ...others } = options as Case["options"] & { eps?: number };
  const settings = { ...others, ...(eps === undefined ? {} : { epsilon: eps }) };
  if (optimizer === "sgd") return new SGD(parameters, settings);
  const kind = optimizer === "adam" ? Adam : AdamW;
  return new kind(parameters, settings as ConstructorParameters<typeof Adam>[1]);
}

/** One step on the loss of the golden problem: a / 2 (v - t)^2 + c / 3 v^3. */
function step(
  parameters: Named,
  optimizer: Optimizer,
  names: readonly ("p" | "q")[] = NAMES,
): void {
  tidy(() => {
    for (const name of names) {
      const v = parameters.get(name)!;
      const [a, t, c] = (["a", "t", "c"] as const).map((key) => {
        return load(golden.problem[name][key], { device: v.device, dtype: v.dtype });
      }) as [Tensor, Tensor, Tensor];
      const quadratic = v.sub(t).square().mul(a).div(2);
      quadratic.add(v.square().mul(v).mul(c).div(3)).sum().backward();
    }
    optimizer.step();
    optimizer.zeroGrad();
  });
}

async function values(parameters: Named): Promise<number[]> {
  return (await Promise.all([...parameters.values()].map((p) => p.data()))).flatMap((d) => [...d]);
}

/** What the parameters must be after `steps` steps. */
function wanted({ after }: Case, steps: number): number[] {
  return NAMES.flatMap((name) => {
    const { data } = after[name];
    const size = data.length / golden.steps;
    return data.slice((steps - 1) * size, steps * size);
  });
}

forEachDevice((device, label) => {
  const test = suite(`optimisers on ${label}`);

  for (const one of golden.cases) {
    test(`${one.name} steps as PyTorch does`, async () => {
      const parameters = start({ device });
      const optimizer = make(parameters, one);
      for (let i = 1; i <= golden.steps; i++) {
        step(parameters, optimizer);
        // Adam divides by roots of tiny squares: errors of f32 gradients show in full.
        assertClose(
          await values(parameters),
          wanted(one, i),
          { rtol: 2e-5, atol: 5e-6 },
          `step ${i}`,
        );
      }
      optimizer.dispose();
    });
  }

  test("stateDict() resumes as if there had been no break", async () => {
    for (const one of golden.cases.filter(({ name }) => /dampening|Adam$|AMSGrad/.test(name))) {
      const parameters = start({ device });
      const first = make(parameters, one);
      for (let i = 0; i < 4; i++) step(parameters, first);
      first.lr = 0.03;
      const saved = first.stateDict();
      const second = make(parameters, one);
      second.loadStateDict(saved);
      assert.is(second.lr, 0.03);
      const copies = new Map([...parameters].map(([name, p]) => [name, p.mul(1).detach()]));
      for (const copy of copies.values()) copy.requiresGrad = true;
      const third = make(copies, one);
      third.loadStateDict(saved);
      for (let i = 0; i < 3; i++) step(parameters, first);
      for (let i = 0; i < 3; i++) step(copies, third);
      assert.equal(await values(copies), await values(parameters), one.name);
      for (const optimizer of [first, second, third]) optimizer.dispose();
    }
  });

  test("step() skips parameters without gradient, whose own first step comes later", async () => {
    const one = golden.cases.find(({ name }) => name === "SGD, momentum, dampening")!;
    for (const other of [one, golden.cases.find(({ name }) => name === "Adam")!]) {
      const parameters = start({ device });
      const optimizer = make(parameters, other);
      const before = await parameters.get("q")!.data();
      step(parameters, optimizer, ["p"]);
      step(parameters, optimizer, ["p"]);
      assert.equal(await parameters.get("q")!.data(), before);
      step(parameters, optimizer);
      assertClose(await parameters.get("q")!.data(), other.after.q.data.slice(0, 6), {
        rtol: 2e-5,
      });
      assertClose(await parameters.get("p")!.data(), other.after.p.data.slice(10, 15), {
        rtol: 2e-5,
      });
      optimizer.dispose();
    }
  });

  test("step() records nothing, runs one kernel per parameter and leaves no buffer", () => {
    const parameters = start({ device });
    const optimizer = new SGD(parameters, { lr: 0.1, momentum: 0.9 });
    step(parameters, optimizer);
    const { ledger } = device;
    const gradients = [...parameters.values()].map((p) => {
      p.grad = ones(p.shape, { device });
      return p.grad;
    });
    const nodes = [...parameters.values()].map((p) => p.node);
    const before = [ledger.buffers, ledger.callsOf("sgdMomentum")] as const;
    optimizer.step();
    optimizer.step();
    optimizer.lr = 0.05;
    optimizer.step();
    assert.equal([ledger.buffers, ledger.callsOf("sgdMomentum")], [before[0], before[1] + 6]);
    assert.equal([...parameters.values()].map((p) => p.node), nodes);
    assert.ok(gradients.every((gradient) => !gradient.isDisposed));
    optimizer.zeroGrad();
    assert.ok(gradients.every((gradient) => gradient.isDisposed));
    optimizer.dispose();
  });

  test("dispose() gives all state back", () => {
    const parameters = start({ device });
    step(parameters, new SGD(parameters, { lr: 0 })); // constants of the loss stay cached
    const before = device.ledger.buffers;
    const optimizer = new Adam(parameters, { amsgrad: true });
    step(parameters, optimizer);
    assert.is(device.ledger.buffers, before + 2 * 3);
    optimizer.dispose();
    optimizer.dispose();
    assert.is(device.ledger.buffers, before);
  });

  test.run();
});

test("optimisers agree with PyTorch to the last digits in f64", async () => {
  for (const one of golden.cases) {
    const parameters = start({ device: reference, dtype: "f64" });
    const optimizer = make(parameters, one);
    for (let i = 1; i <= golden.steps; i++) {
      step(parameters, optimizer);
      // The golden values are rounded to f32.
      assertClose(await values(parameters), wanted(one, i), { rtol: 1e-7, atol: 1e-9 }, one.name);
    }
  }
});

test("lr and momentum can be moved between steps", async () => {
  const p = tensor([1, 2], { device: reference, requiresGrad: true });
  const optimizer = new SGD([p], { lr: 1 });
  p.grad = tensor([1, 1], { device: reference });
  optimizer.step();
  assert.equal([...await p.data()], [0, 1]);
  optimizer.momentum = 0.5;
  optimizer.lr = 0.25;
  optimizer.step();
  optimizer.step();
  assert.equal([...await p.data()], [-0.625, 0.375]);
});

test("loadStateDict() is all or nothing", async () => {
  const parameters = start({ device: reference });
  const optimizer = new SGD(parameters, { lr: 0.1, momentum: 0.9 });
  step(parameters, optimizer);
  const good = optimizer.stateDict();
  const before = await good.tensors["p.velocity"]!.data();
  const load = (tensors: Record<string, Tensor>) => () => {
    optimizer.loadStateDict({ ...good, lr: 7, tensors: { ...good.tensors, ...tensors } });
  };
  const where = { device: reference };
  assert.throws(load({ "q.velocity": zeros([6], where) }), isA(ShapeError, /\[6\].*\[2, 3\]/));
  const wide = zeros([2, 3], { ...where, dtype: "f64" });
  assert.throws(load({ "q.velocity": wide }), isA(DTypeError, /f64.*f32/));
  assert.throws(load({ "r.velocity": zeros([6], where) }), /belongs to r.velocity/);
  assert.throws(() => optimizer.loadStateDict({ ...good, kind: "adam" }), /one of adam/);
  const steps = { ...good.steps, r: 1 };
  assert.throws(() => optimizer.loadStateDict({ ...good, steps }), /called r/);
  assert.is(optimizer.lr, 0.1);
  assert.equal(await optimizer.stateDict().tensors["p.velocity"]!.data(), before);
  assert.throws(() => new Adam(parameters).loadStateDict(good), /one of sgd/);
});

test("SGD lets those decay that decays() names, and no others", async () => {
  const p = ones([2], { device: reference, requiresGrad: true });
  const q = ones([2], { device: reference, requiresGrad: true });
  const decays = (name: string): boolean => name === "p";
  const parameters = new Map([["p", p], ["q", q]]);
  const optimizer = new SGD(parameters, { lr: 0.1, momentum: 0.5, weightDecay: 0.5, decays });
  for (const wanted of [[0.85, 0.9], [0.6325, 0.75]]) {
    optimizer.zeroGrad();
    tidy(() => p.add(q).sum().backward());
    optimizer.step();
    assertClose([(await p.data())[0]!, (await q.data())[0]!], wanted);
  }
});

test("optimisers refuse settings and parameters that make no sense", () => {
  const p = zeros([2], { device: reference, requiresGrad: true });
  assert.throws(() => new SGD([], { lr: 0.1 }), isA(RangeError, /at least one tensor/));
  assert.throws(() => new SGD([p, p], { lr: 0.1 }), isA(RangeError, /twice/));
  assert.throws(() => new SGD([p], { lr: -1 }), isA(RangeError, /learning rate -1/));
  assert.throws(() => new SGD([p], { lr: NaN }), isA(RangeError, /learning rate NaN/));
  assert.throws(() => new SGD([p], { lr: 1, momentum: 1 }), isA(RangeError, /momentum 1:/));
  assert.throws(() => new SGD([p], { lr: 1, nesterov: true }), isA(RangeError, /Nesterov/));
  assert.throws(() => new SGD([p], { lr: 1, weightDecay: -1 }), isA(RangeError, /decay -1/));
  assert.throws(() => new Adam([p], { betas: [0.9, 1] }), isA(RangeError, /second beta 1/));
  assert.throws(() => new Adam([p], { epsilon: -1 }), isA(RangeError, /epsilon -1/));
  const wide = zeros([2], { device: reference, dtype: "f64" });
  assert.throws(() => new SGD([p, wide], { lr: 1 }), isA(DTypeError, /f32 and f64/));
  if (webgpu !== undefined) {
    const far = zeros([2], { device: webgpu });
    assert.throws(() => new SGD([p, far], { lr: 1 }), isA(BackendError, /reference and webgpu/));
  }
  assert.throws(() => new SGD([p.mul(2)], { lr: 1 }), isA(GradientError, /result of mul/));
});

test.run();
