import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { ShapeError } from "../../src/errors.ts";
import {
  AvgPool2d,
  Conv2d,
  Dropout,
  ELU,
  Flatten,
  GELU,
  GlobalAvgPool2d,
  Identity,
  LeakyReLU,
  Linear,
  MaxPool2d,
  Module,
  mseLoss,
  Normalize,
  ReLU,
  Sequential,
  Sigmoid,
  SiLU,
  smallCnn,
  Softmax,
  Softplus,
  Tanh,
} from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { ones, type Tensor, tensor, zeros } from "../../src/tensor/mod.ts";
import { assertClose, forEachDevice, reference } from "../support/devices.ts";
import { isA } from "../support/errors.ts";
import { sample } from "../support/numbers.ts";

/** Two results from one input. */
class Doubling extends Module {
  override forward(x: Tensor): Tensor {
    const first = x.mul(2), second = first.add(x).sub(x);
    return second;
  }
}

forEachDevice((device, label) => {
  const test = suite(`layers on ${label}`);
  const options = (seed = 1) => ({ random: new RandomStream(seed), device });

  test("Linear multiplies and adds", async () => {
    const layer = new Linear(3, 2, options());
    layer.loadStateDict({
      weight: tensor([[1, 2], [3, 4], [5, 6]], { device }),
      bias: tensor([10, 20], { device }),
    });
    const x = tensor([[1, 0, -1], [2, 1, 0]], { device });
    assert.equal([...await layer.forward(x).data()], [6, 16, 15, 28]);
    const plain = new Linear(3, 2, { ...options(), bias: false });
    assert.is(plain.bias, null);
    assert.equal(plain.forward(zeros([4, 5, 3], { device })).shape, [4, 5, 2]);
  });

  test("Conv2d is conv2d() with a bias", async () => {
    const settings = { stride: [2, 1], padding: [0, 2], dilation: 2, groups: 2 } as const;
    const layer = new Conv2d(4, 6, [3, 2], { ...settings, ...options() });
    const x = sample([3, 7, 6, 4], 2, { device });
    const want = x.conv2d(layer.weight, settings).add(layer.bias!);
    assert.equal(layer.forward(x).shape, [3, 2, 8, 6]);
    assert.equal(await layer.forward(x).data(), await want.data());
    const plain = new Conv2d(4, 6, 1, { ...options(), bias: false });
    assert.equal([...plain.parameters().keys()], ["weight"]);
    assert.equal(plain.forward(x).shape, [3, 7, 6, 6]);
  });

  test("pooling layers do what the methods do", async () => {
    const x = sample([3, 7, 6, 5], 3, { device });
    const max = new MaxPool2d(3, { stride: 2, padding: 1 });
    const average = new AvgPool2d([2, 3], { padding: [1, 0], countIncludePad: false });
    const pairs = [
      [max.forward(x), x.maxPool2d({ kernelSize: 3, stride: 2, padding: 1 })],
      [
        average.forward(x),
        x.avgPool2d({ kernelSize: [2, 3], padding: [1, 0], countIncludePad: false }),
      ],
      [new AvgPool2d(2).forward(x), x.avgPool2d({ kernelSize: 2 })],
      [new GlobalAvgPool2d().forward(x), x.mean([1, 2])],
    ] as const;
    for (const [got, want] of pairs) assert.equal(await got.data(), await want.data());
    assert.equal(new GlobalAvgPool2d().forward(x).shape, [3, 5]);
  });

  test("activation layers do what the methods do", async () => {
    const x = sample([3, 5], 4, { device }).mul(3);
    const pairs = [
      [new ReLU(), x.relu()],
      [new LeakyReLU(), x.leakyRelu(0.01)],
      [new LeakyReLU(0.2), x.leakyRelu(0.2)],
      [new ELU(), x.elu()],
      [new SiLU(), x.silu()],
      [new GELU(), x.gelu()],
      [new Sigmoid(), x.sigmoid()],
      [new Tanh(), x.tanh()],
      [new Softplus(), x.softplus()],
      [new Softmax(), x.softmax()],
      [new Softmax(0), x.softmax(0)],
      [new Identity(), x],
    ] as const;
    for (const [layer, want] of pairs) {
      assert.equal(await layer.forward(x).data(), await want.data(), `${layer}`);
    }
  });

  test("Dropout drops in training only, by its stream", async () => {
    const x = ones([64, 16], { device });
    const layer = new Dropout(0.25, options(3));
    const want = x.dropout(0.25, { random: new RandomStream(3) });
    assert.equal(await layer.forward(x).data(), await want.data());
    assert.is(layer.random.step, 1);
    const again = await layer.forward(x).data();
    assert.not.equal(again, await want.data());
    layer.eval();
    assert.is(layer.forward(x).buffer, x.buffer);
    assert.is(layer.random.step, 2);
  });

  test("Normalize standardizes channels, and its numbers are buffers", async () => {
    const layer = new Normalize([1, 2], [2, 4], { device });
    const x = tensor([[1, 2], [3, -2], [0, 0]], { device });
    assertClose(await layer.forward(x).data(), [0, 0, 1, -1, -0.5, -0.5]);
    assert.is(layer.parameters().size, 0);
    assert.equal([...layer.buffers().keys()], ["mean", "deviation"]);
    assert.throws(() => layer.forward(zeros([2, 3], { device })), isA(ShapeError, /2 channels/));
  });

  test("Sequential frees what the tape does not save", () => {
    const { ledger } = device;
    const model = new Sequential(
      new Linear(4, 4, options()),
      new Doubling(),
      new ReLU(),
      new Identity(),
      new Flatten(),
    );
    const x = ones([2, 4], { device });
    model.eval().forward(x).dispose(); // constants
    const before = { buffers: ledger.buffers, bytes: ledger.bytes };
    const y = model.forward(x);
    // The product's input is x, and ReLU saves its output, which is y.
    assert.is(ledger.buffers, before.buffers + 1);
    y.dispose();
    assert.is(ledger.buffers, before.buffers);
    ledger.peakBytes = ledger.bytes;
    model.forward(x).dispose();
    // Doubling's input and its three results; all layers together make six tensors.
    assert.is(ledger.peakBytes - before.bytes, 4 * 32);
    assert.is(ledger.buffers, before.buffers);
  });

  test("Sequential leaves its input and what layers hold alone", async () => {
    class Held extends Module {
      readonly value = ones([2], { device });
      override forward(): Tensor {
        return this.value;
      }
    }
    const x = ones([2], { device }), held = new Held();
    const model = new Sequential(new Identity(), held, new Identity(), new ReLU());
    const y = model.forward(x);
    const nothing = new Sequential().forward(x);
    assert.is(nothing.buffer, x.buffer);
    for (const tensor of [y, nothing]) tensor.dispose();
    assert.ok(!x.isDisposed && !held.value.isDisposed);
    assert.equal([...await held.value.data()], [1, 1]);
  });

  test("smallCnn() maps digits to logits, forwards and back", async () => {
    const model = smallCnn(options());
    const x = sample([2, 28, 28, 1], 5, { device });
    const logits = model.forward(x);
    assert.equal(logits.shape, [2, 10]);
    logits.crossEntropy(tensor(Uint32Array.of(3, 7), { device })).backward();
    for (const [name, parameter] of model.parameters()) {
      const gradient = await parameter.grad!.data();
      assert.ok(gradient.some((value) => value !== 0), name);
    }
    const wide = smallCnn({ ...options(), classes: 4, channels: 3 });
    assert.equal(wide.forward(zeros([1, 28, 28, 3], { device })).shape, [1, 4]);
  });

  test("mseLoss() averages squares", async () => {
    const [a, b] = [1, 2].map((seed) => sample([3, 5], seed, { device }));
    const squares = Array.from(await a!.sub(b!).data(), (value) => value ** 2);
    const sum = squares.reduce((total, value) => total + value, 0);
    assertClose([await mseLoss(a!, b!).item()], [sum / 15]);
    assertClose([await mseLoss(a!, b!, { reduction: "sum" }).item()], [sum]);
    assertClose(await mseLoss(a!, b!, { reduction: "none" }).data(), squares);
    assert.throws(() => mseLoss(a!, b!.sum(1)), isA(ShapeError, /\[3, 5\] and \[3\]/));
  });

  test.run();
});

test("smallCnn() has the size of the paper's network and prints as PyTorch's", () => {
  const model = smallCnn({ random: new RandomStream(1), device: reference });
  assert.is(model.parameterCount(), 166_406);
  assert.is(
    `${model}`,
    `Sequential(
  (0): Conv2d(1, 16, kernelSize=[4, 4], stride=[2, 2], padding=[1, 1])
  (1): ReLU()
  (2): Conv2d(16, 32, kernelSize=[4, 4], stride=[2, 2], padding=[1, 1])
  (3): ReLU()
  (4): Flatten()
  (5): Linear(1568, 100)
  (6): ReLU()
  (7): Linear(100, 10)
)`,
  );
});

test("layers print their settings", () => {
  const options = { random: new RandomStream(1), device: reference };
  const shown = [
    new Linear(3, 2, { ...options, bias: false }),
    new Conv2d(4, 8, [3, 5], { ...options, dilation: 2, groups: 2, bias: false }),
    new MaxPool2d(3, { stride: 2, padding: 1 }),
    new AvgPool2d(2, { countIncludePad: false }),
    new GlobalAvgPool2d(),
    new LeakyReLU(0.2),
    new Softmax(),
    new Dropout(0.5, options),
    new Flatten(2),
    new Normalize([0.5], [0.25], options),
  ];
  assert.equal(shown.map(String), [
    "Linear(3, 2, bias=false)",
    "Conv2d(4, 8, kernelSize=[3, 5], stride=[1, 1], dilation=[2, 2], groups=2, bias=false)",
    "MaxPool2d(kernelSize=[3, 3], stride=[2, 2], padding=[1, 1])",
    "AvgPool2d(kernelSize=[2, 2], stride=[2, 2], countIncludePad=false)",
    "GlobalAvgPool2d()",
    "LeakyReLU(slope=0.2)",
    "Softmax(axis=-1)",
    "Dropout(p=0.5)",
    "Flatten(start=2)",
    "Normalize(1 channels)",
  ]);
});

test("layers refuse settings that make no sense", () => {
  const options = { random: new RandomStream(1), device: reference };
  const refused = (make: () => unknown, pattern: RegExp) => {
    assert.throws(make, isA(RangeError, pattern));
  };
  refused(() => new Linear(0, 2, options), /Linear: inFeatures is 0/);
  refused(() => new Linear(2, 1.5, options), /outFeatures is 1.5/);
  refused(() => new Conv2d(3, 4, 3, { ...options, groups: 2 }), /3 input and 4 output .* 2 groups/);
  refused(() => new Conv2d(3, 4, 0, options), /Conv2d: kernelSize is 0/);
  refused(() => new Conv2d(3, 4, 3, { ...options, stride: [1, 0] }), /stride is 0/);
  refused(() => new Conv2d(3, 4, 3, { ...options, padding: -1 }), /padding is -1/);
  refused(() => new MaxPool2d(2, { padding: 2 }), /MaxPool2d: padding is \[2, 2\]/);
  refused(() => new AvgPool2d(NaN), /AvgPool2d: kernelSize is NaN/);
  refused(() => new Dropout(1.5, options), /p is 1.5/);
  refused(() => new LeakyReLU(Infinity), /slope is Infinity/);
  refused(() => new Softmax(0.5), /axis is 0.5/);
  refused(() => new Flatten(-1), /start is -1/);
  refused(() => new Normalize([0, 0], [1], options), /2 means and 1 deviations/);
  refused(() => new Normalize([0], [0], options), /deviation 0/);
});

test.run();
