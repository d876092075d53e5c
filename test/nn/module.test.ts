import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { BackendError, DTypeError, ShapeError } from "../../src/errors.ts";
import { Identity, Linear, Module, ReLU, Sequential } from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import { ones, type Tensor, tensor, zeros } from "../../src/tensor/mod.ts";
import { forEachDevice, reference, webgpu } from "../support/devices.ts";
import { isA } from "../support/errors.ts";

const device = reference;

function parameter(size: number): Tensor {
  return zeros([size], { device, requiresGrad: true });
}

/** Holds tensors and modules in every way that counts, and in some that do not. */
class Zoo extends Module {
  readonly weight = parameter(1);
  readonly none: Tensor | null = null;
  readonly list = [parameter(2), [parameter(3)]];
  readonly record = { left: parameter(4), blocks: [new Linear(1, 1, options())] };
  readonly running = zeros([5], { device });
  readonly states = [zeros([6], { device })];
  readonly again = this.weight;
  readonly part = this.record.blocks[0]!;
  readonly map = new Map([["hidden", parameter(7)]]);
  readonly numbers = Float32Array.of(1, 2);
  readonly text = "text";
  readonly #secret = parameter(8);

  override forward(x: Tensor): Tensor {
    return x.add(this.#secret);
  }

  protected override get bufferNames(): readonly string[] {
    return ["running", "states"];
  }
}

/** Two parts that share their weight, and know each other. */
class Tied extends Module {
  readonly first = new Linear(2, 2, options());
  readonly second = new Linear(2, 2, { ...options(), bias: false });
  readonly owner: Module = this;

  constructor() {
    super();
    this.second.weight.dispose();
    Object.assign(this.second, { weight: this.first.weight });
  }

  override forward(x: Tensor): Tensor {
    return this.second.forward(this.first.forward(x));
  }
}

function options(seed = 1): { random: RandomStream; device: typeof device } {
  return { random: new RandomStream(seed), device };
}

test("parameters() walks plain fields, arrays and records, in their order", () => {
  const zoo = new Zoo();
  assert.equal([...zoo.parameters()].map(([name, { size }]) => `${name} ${size}`), [
    "weight 1",
    "list.0 2",
    "list.1.0 3",
    "record.left 4",
    "record.blocks.0.weight 1",
    "record.blocks.0.bias 1",
  ]);
  assert.equal([...zoo.buffers().keys()], ["running", "states.0"]);
  assert.equal([...zoo.modules().keys()], ["", "record.blocks.0"]);
  assert.is(zoo.modules().get(""), zoo);
  assert.is(zoo.parameterCount(), 12);
});

test("parameters() counts what is shared once, and survives cycles", () => {
  const tied = new Tied();
  assert.equal([...tied.parameters().keys()], ["first.weight", "first.bias"]);
  assert.is(tied.parameterCount(), 6);
  assert.equal(Object.keys(tied.stateDict()), ["first.weight", "first.bias"]);
  const layer = new ReLU();
  assert.equal([...new Sequential(layer, layer).modules().keys()], ["", "0"]);
});

test("a shared weight gets the gradients of both uses", async () => {
  const tied = new Tied();
  tied.loadStateDict({
    "first.weight": tensor([[1, 2], [3, 4]], { device }),
    "first.bias": zeros([2], { device }),
  });
  tied.forward(tensor([[1, 0]], { device })).sum().backward();
  // y = x W W, so dW = xᵀ 1ᵀ Wᵀ + (x W)ᵀ 1ᵀ = [[3, 7], [0, 0]] + [[1, 1], [2, 2]]
  assert.equal([...await tied.first.weight.grad!.data()], [4, 8, 2, 2]);
  assert.is(tied.second.weight.grad, tied.first.weight.grad);
});

test("train() and eval() reach every part and return the module", () => {
  const zoo = new Zoo();
  assert.is(zoo.eval(), zoo);
  assert.equal([...zoo.modules().values()].map(({ training }) => training), [false, false]);
  assert.is(zoo.train(), zoo);
  assert.equal([...zoo.modules().values()].map(({ training }) => training), [true, true]);
});

test("zeroGrad() disposes gradients", () => {
  const layer = new Linear(2, 1, options());
  layer.forward(ones([1, 2], { device })).sum().backward();
  const { grad } = layer.weight;
  layer.zeroGrad();
  assert.ok(grad!.isDisposed);
  assert.is(layer.weight.grad, null);
  assert.is(layer.bias!.grad, null);
});

test("toString() nests parts with their settings", () => {
  const random = new RandomStream(1);
  const model = new Sequential(
    new Linear(3, 2, { random, device }),
    new Sequential(new ReLU(), new Identity()),
  );
  assert.is(
    `${model}`,
    `Sequential(
  (0): Linear(3, 2)
  (1): Sequential(
    (0): ReLU()
    (1): Identity()
  )
)`,
  );
  assert.match(`${new Zoo()}`, "Zoo(\n  weight=[1], list.0=[2], list.1.0=[3]");
  assert.match(`${new Zoo()}`, "\n  (record.blocks.0): Linear(1, 1)\n)");
});

test("layers outlive the tidy() that they are made in, until they are disposed", async () => {
  const before = device.ledger.buffers;
  const layer = tidy(() => {
    const made = new Linear(2, 2, options());
    return { made: () => made };
  }).made();
  assert.is((await layer.weight.data()).length, 4);
  assert.is(device.ledger.buffers, before + 2);
  layer.dispose();
  layer.dispose();
  assert.is(device.ledger.buffers, before);
});

forEachDevice((device, label) => {
  const test = suite(`state of modules on ${label}`);
  const make = (seed: number) => new Linear(3, 2, { random: new RandomStream(seed), device });

  test("loadStateDict() copies: two models do not learn in the same memory", async () => {
    const first = make(1), second = make(2);
    const state = first.stateDict();
    const node = second.weight.node;
    assert.equal(second.loadStateDict(state), { missing: [], unexpected: [] });
    assert.equal(await second.weight.data(), await first.weight.data());
    assert.equal(await second.bias!.data(), await first.bias!.data());
    assert.is.not(second.weight.buffer, first.weight.buffer);
    assert.is(state["weight"]!.buffer, first.weight.buffer);
    assert.is(state["weight"]!.requiresGrad, false);
    assert.is(second.weight.node, node);
    for (const tensor of Object.values(state)) tensor.dispose();
    first.dispose();
    assert.is((await second.weight.data()).length, 6);
    second.dispose();
  });

  test("loadStateDict() is all or nothing", async () => {
    const layer = make(1);
    const before = [...await layer.weight.data(), ...await layer.bias!.data()];
    const good = make(2).stateDict();
    const refused = async (dict: Record<string, Tensor>, expected: (e: Error) => boolean) => {
      assert.throws(() => layer.loadStateDict(dict, { strict: false }), expected);
      assert.equal([...await layer.weight.data(), ...await layer.bias!.data()], before);
    };
    await refused(
      { ...good, bias: zeros([3], { device }) },
      isA(ShapeError, /state of Linear: bias has shape \[3\] in the dictionary, but \[2\]/),
    );
    await refused(
      { ...good, bias: zeros([2], { device, dtype: "i32" }) },
      isA(DTypeError, /bias has type i32 in the dictionary, but f32/),
    );
    if (webgpu === undefined) return;
    const other = device === reference ? webgpu : reference;
    await refused({ ...good, bias: zeros([2], { device: other }) }, isA(BackendError, /use to\(/));
  });

  test("loadStateDict() reports names that do not match, and refuses them when strict", async () => {
    const layer = make(1);
    const bias = await layer.bias!.data();
    const { weight } = make(2).stateDict();
    const dict = { weight: weight!, scale: weight! };
    assert.throws(
      () => layer.loadStateDict(dict),
      isA(TypeError, /state of Linear: bias missing and scale not known/),
    );
    const report = layer.loadStateDict(dict, { strict: false });
    assert.equal(report, { missing: ["bias"], unexpected: ["scale"] });
    assert.equal(await layer.weight.data(), await weight!.data());
    assert.equal(await layer.bias!.data(), bias);
  });

  test.run();
});

test.run();
