// capture(): replays are equal bit for bit to running the function, and what cannot be replayed is refused.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Device } from "../../src/backend/mod.ts";
import { BackendError, GradientError } from "../../src/errors.ts";
import {
  Adam,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  Linear,
  MaxPool2d,
  type Module,
  ReLU,
  Sequential,
  SGD,
} from "../../src/nn/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import {
  capture,
  Captures,
  full,
  hostValues,
  ones,
  rand,
  type Tensor,
  tensor,
  zeros,
} from "../../src/tensor/mod.ts";
import { forEachDevice } from "../support/devices.ts";
import { isA } from "../support/errors.ts";

/** Every kind of state that a training step has: parameters, running statistics, random numbers. */
function network(device: Device): Module {
  const random = new RandomStream(1);
  return new Sequential(
    new Conv2d(1, 4, 3, { random, device, padding: 1 }),
    new BatchNorm2d(4, { device }),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Dropout(0.3, { random: random.fork("dropout") }),
    new Linear(4 * 4 * 4, 3, { random, device }),
  );
}

type Step = (images: Tensor, labels: Tensor) => Tensor;

/** The numbers that `steps` training steps leave: losses, parameters, statistics, gradients. */
async function train(
  device: Device,
  { steps, wrap, sizes = [5] }: {
    readonly steps: number;
    readonly wrap: (step: Step) => Step;
    readonly sizes?: readonly number[];
  },
): Promise<number[]> {
  const model = network(device);
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9, dampening: 0.5 });
  const step = wrap((images, labels) => {
    optimizer.zeroGrad();
    const loss = model.forward(images).crossEntropy(labels);
    loss.backward();
    optimizer.step();
    return loss.detach();
  });
  const random = new RandomStream(2);
  const numbers: number[] = [];
  for (let i = 0; i < steps; i++) {
    optimizer.lr = 0.1 / (i + 1);
    const size = sizes[i % sizes.length]!;
    const images = rand([size, 8, 8, 1], { random, device });
    const labels = tensor(Int32Array.from({ length: size }, (_, k) => (k + i) % 3), { device });
    const loss = step(images, labels);
    numbers.push(await loss.item());
    for (const it of [images, labels, loss]) it.dispose();
  }
  for (const it of [...model.parameters().values(), ...model.buffers().values()]) {
    numbers.push(...await it.data());
    if (it.grad !== null) numbers.push(...await it.grad.data());
  }
  optimizer.dispose();
  model.dispose();
  return numbers;
}

forEachDevice((device, label) => {
  const test = suite(`capture() on ${label}`);

  test("a replayed training step equals an eager one bit for bit", async () => {
    const steps = 9;
    const eager = await train(device, { steps, wrap: (step) => (x, y) => tidy(() => step(x, y)) });
    let replays = 0;
    const replayed = await train(device, {
      steps,
      wrap(step) {
        const captured = capture(step);
        return (x, y) => {
          const loss = captured(x, y);
          replays = captured.replays;
          return loss;
        };
      },
    });
    assert.ok(replays >= steps - 4, `${replays} replays`);
    assert.equal(replayed, eager);
  });

  test("each shape of arguments is captured for itself", async () => {
    const sizes = [5, 5, 3];
    const plain = (step: Step): Step => (x, y) => tidy(() => step(x, y));
    const eager = await train(device, { steps: 15, sizes, wrap: plain });
    const replayed = await train(device, { steps: 15, sizes, wrap: (step) => capture(step) });
    assert.equal(replayed, eager);
  });

  test("every call gives tensors of its own, or with reuse always the same", async () => {
    const double = capture((x: Tensor) => ({ y: x.mul(2), parts: [x.sum(), 7] as const }));
    const again = capture((x: Tensor) => x.mul(2), { reuse: true });
    const results = [], reused: Tensor[] = [];
    for (let i = 0; i < 5; i++) {
      const x = full([3], i, { device });
      results.push(double(x));
      reused.push(again(x));
      x.dispose();
    }
    assert.is(double.replays, 3);
    for (let i = 0; i < 5; i++) {
      assert.equal([...await results[i]!.y.data()], [2 * i, 2 * i, 2 * i]);
      assert.is(await results[i]!.parts[0].item(), 3 * i);
      assert.is(results[i]!.parts[1], 7);
    }
    assert.is(reused[2], reused[4]);
    assert.equal([...await reused[2]!.data()], [8, 8, 8]);
    double.dispose();
    again.dispose();
  });

  test("a result may be an argument, a part of one, or a tensor from outside", async () => {
    const outside = full([2], 5, { device });
    const same = capture((x: Tensor) => [x, x.reshape([1, 2]), outside, x.add(outside)]);
    for (let i = 0; i < 4; i++) {
      const x = full([2], i, { device });
      const results = same(x);
      x.dispose();
      const numbers = await Promise.all(results.map(async (it) => [...await it.data()]));
      assert.equal(numbers, [[i, i], [i, i], [5, 5], [5 + i, 5 + i]]);
    }
    assert.equal(same.replays, 2);
    same.dispose();
  });

  test("an argument is told from the same tensor seen from outside", async () => {
    const x = full([2], 1, { device });
    const plus = capture((y: Tensor) => y.mul(10).add(x));
    for (const value of [1, 1, 1, 4]) {
      const y = value === 1 ? x : full([2], value, { device });
      assert.equal([...await plus(y).data()], [10 * value + 1, 10 * value + 1]);
    }
    plus.dispose();
  });

  test("random numbers and host values go on in replays, also unread ones", async () => {
    const numbers = async (wrap: (fn: () => Tensor) => () => Tensor) => {
      const random = new RandomStream(4);
      let count = 0;
      const draw = wrap(() => {
        rand([2], { random, device }); // nobody reads it
        const factor = hostValues([], (into) => into[0] = ++count, { device });
        return rand([3], { random, device }).mul(factor);
      });
      const seen: number[] = [];
      for (let i = 0; i < 6; i++) seen.push(...await draw().data());
      return [...seen, random.step, count];
    };
    const eager = await numbers((fn) => () => tidy(fn));
    // A function without arguments runs on the default device; here an argument says which.
    const x = zeros([1], { device });
    const replayed = await numbers((fn) => {
      const captured = capture((_: Tensor) => fn());
      return () => captured(x);
    });
    assert.equal(replayed, eager);
  });

  test("gradients are in grad after a replay, also when they were dropped before it", async () => {
    const w = full([2], 3, { device });
    w.requiresGrad = true;
    const step = capture((x: Tensor) => {
      w.grad?.dispose();
      w.grad = null;
      w.mul(x).sum().backward();
    });
    for (let i = 0; i < 5; i++) {
      const x = full([2], i, { device });
      step(x);
      assert.equal([...await w.grad!.data()], [i, i]);
      w.grad!.dispose();
      w.grad = null;
    }
    assert.is(step.replays, 3);
    step.dispose();
  });

  test("gives all memory back", () => {
    tidy(() => ones([2], { device }).mul(2).add(1)); // constants of the loop stay cached
    const before = device.ledger.buffers;
    const step = capture((x: Tensor) => x.mul(2).add(1).relu().sum());
    tidy(() => {
      for (let i = 0; i < 4; i++) step(ones([100], { device }));
    });
    assert.ok(device.ledger.buffers > before);
    step.dispose();
    step.dispose();
    assert.is(device.ledger.buffers, before);
  });

  test("values that do not live at the same time share memory", () => {
    const x = ones([128, 128], { device });
    const chain = capture((x: Tensor) => {
      let y = x;
      for (let i = 0; i < 20; i++) y = y.matmul(x);
      return y.sum();
    });
    const before = device.ledger.bytes;
    tidy(() => {
      for (let i = 0; i < 3; i++) chain(x);
    });
    // The copy of x, two products at a time, and scratch memory.
    assert.ok(device.ledger.bytes - before < 5 * x.size * 4, `${device.ledger.bytes - before}`);
    chain.dispose();
  });

  test("elementwise calls become one pass where that keeps every bit", async () => {
    const bend = (x: Tensor, y: Tensor) => x.mul(2).add(1).tanh().sub(y).relu().sum();
    const x = rand([40, 33], { random: new RandomStream(5), device });
    const y = rand([33], { random: new RandomStream(6), device });
    const captured = capture(bend);
    const before = device.ledger.callsOf("elementwiseChain");
    const sums: number[] = [];
    for (let i = 0; i < 3; i++) sums.push(await captured(x, y).item());
    assert.is(device.ledger.callsOf("elementwiseChain") - before, 1);
    assert.equal(sums, sums.map(() => sums[0]));
    captured.dispose();
  });

  test("what comes from constants alone is computed once", async () => {
    const slope = (x: Tensor) => x.mul(full([3], 2, { device }).exp().expand([4, 3])).sum([0]);
    const x = rand([4, 3], { random: new RandomStream(7), device });
    const wanted = await slope(x).data();
    const captured = capture(slope);
    const before = device.ledger.callsOf("exp");
    for (let i = 0; i < 5; i++) assert.equal(await captured(x).data(), wanted);
    // Twice for the notes that are compared, and once for the replays.
    assert.is(device.ledger.callsOf("exp") - before, 3);
    captured.dispose();
  });

  test("what comes from what a step leaves as it is is computed anew when that has changed", async () => {
    const w = full([3], 2, { device }), updated = full([3], 1, { device });
    updated.requiresGrad = true;
    const optimizer = new SGD([updated], { lr: 0.5 });
    const step = (x: Tensor) => {
      optimizer.zeroGrad();
      const scaled = x.mul(w.exp()).mul(updated.exp());
      scaled.sum().backward();
      optimizer.step();
      return scaled.detach();
    };
    const x = full([3], 0.1, { device }), captured = capture(step);
    for (let i = 0; i < 3; i++) tidy(() => captured(x));
    const start = await updated.data();
    const found: number[] = [];
    for (const value of [2, 2, 3, 3, 2]) {
      device.write(w.buffer, Float32Array.of(value, value, value));
      device.write(updated.buffer, start);
      found.push((await captured(x).data())[0]!);
    }
    assert.is(found[0], found[1]);
    assert.ok(Math.abs(found[2]! / found[0]! - Math.E) < 1e-5, `${found}`);
    assert.is(found[2], found[3]);
    assert.is(found[4], found[0]);
    const [moved] = await updated.data();
    assert.ok((await captured(x).data())[0]! < found[4]!, "what the step updates is not constant");
    assert.ok((await updated.data())[0]! < moved!);
    assert.is(captured.replays, 7);
    captured.dispose();
  });

  test("a result that is used again may be the next argument", async () => {
    // The second result is made last, and the first is read once more after the second is begun.
    const bend = (x: Tensor) => {
      const y = x.matmul(x);
      return y.add(x.sum([0])).mul(0.1);
    };
    const start = rand([5, 5], { random: new RandomStream(8), device });
    let wanted = start, found = start;
    const captured = capture(bend, { reuse: true });
    for (let i = 0; i < 3; i++) captured(start);
    for (let i = 0; i < 4; i++) {
      wanted = bend(wanted);
      found = captured(found);
      assert.equal(await found.data(), await wanted.data(), `call ${i}`);
    }
    captured.dispose();
  });

  test("within another capture it is a part of that one", async () => {
    const inner = capture((x: Tensor) => x.mul(3));
    const outer = capture((x: Tensor) => inner(x).add(1));
    for (let i = 0; i < 4; i++) {
      assert.equal([...await outer(full([1], i, { device })).data()], [3 * i + 1]);
    }
    assert.is(outer.replays, 2);
    assert.is(inner.replays, 0);
    outer.dispose();
    inner.dispose();
  });

  test("labels outside of the range seen so far are checked again", () => {
    const loss = capture((x: Tensor, y: Tensor) => x.crossEntropy(y));
    const x = zeros([2, 3], { device });
    const labels = (...values: number[]) => tensor(Int32Array.from(values), { device });
    for (let i = 0; i < 4; i++) loss(x, labels(0, 1));
    assert.is(loss.replays, 2);
    assert.throws(() => loss(x, labels(0, 3)), /from 0 to 2|3 classes/);
    loss(x, labels(1, 2));
    for (let i = 0; i < 3; i++) loss(x, labels(1, 0));
    assert.is(loss.replays, 3);
    loss.dispose();
  });

  test("a tensor that took other elements over is seen by the next call", async () => {
    const w = full([2], 1, { device });
    const times = capture((x: Tensor) => x.mul(w));
    const x = ones([2], { device });
    for (let i = 0; i < 4; i++) times(x);
    w.assign(full([2], 9, { device }));
    assert.equal([...await times(x).data()], [9, 9]);
    times.dispose();
  });

  test("an optimiser whose state was loaded goes on from it", async () => {
    const run = async (wrap: (fn: (x: Tensor) => void) => (x: Tensor) => void) => {
      const w = ones([2], { device });
      w.requiresGrad = true;
      const optimizer = new Adam([w], { lr: 0.1 });
      const step = wrap((x) => {
        optimizer.zeroGrad();
        w.mul(x).square().sum().backward();
        optimizer.step();
      });
      const x = full([2], 2, { device });
      for (let i = 0; i < 5; i++) step(x);
      const state = optimizer.stateDict();
      for (let i = 0; i < 3; i++) step(x);
      optimizer.loadStateDict(state);
      for (let i = 0; i < 5; i++) step(x);
      return [...await w.data()];
    };
    const eager = await run((fn) => (x) => tidy(() => fn(x)));
    assert.equal(await run((fn) => capture(fn)), eager);
  });

  test("refuses what a replay could not repeat", async () => {
    const x = ones([2], { device });
    const w = ones([2], { device });
    w.requiresGrad = true;
    let calls = 0;
    const often = (fn: (x: Tensor) => unknown) => () => {
      const captured = capture(fn);
      for (let i = 0; i < 6; i++) captured(x);
    };
    assert.throws(
      often((x) => x.mul(++calls)),
      isA(BackendError, /does not the same twice.*operand 1/),
    );
    assert.throws(
      often((x) => calls++ % 2 === 0 ? x.mul(2) : x.exp()),
      isA(BackendError, /same twice/),
    );
    assert.throws(
      often((x) => x.add(tensor([++calls, 0], { device }))),
      isA(BackendError, /other numbers than the time before/),
    );
    assert.throws(
      often((x) => void x.data().catch(() => {})),
      isA(BackendError, /Cannot read a tensor in a captured/),
    );
    assert.throws(often((x) => x.mul(w)), isA(GradientError, /on the tape/));
    assert.throws(often((x) => x.mul(w).sum().backward()), isA(GradientError, /zeroGrad\(\)/));
    assert.throws(often(() => w.detach().assign(x)), isA(GradientError, /assign/));
    assert.throws(
      () => capture((x: Tensor) => x)(w),
      isA(GradientError, /requires a gradient/),
    );
    assert.is(device.observer, undefined);
    assert.equal([...await x.mul(2).data()], [2, 2]);
  });

  test("Captures keeps functions by name and gives them back together", () => {
    const before = device.ledger.buffers;
    const captures = new Captures();
    const add = (x: Tensor) => x.add(x);
    assert.is(captures.get("add", add), captures.get("add", (x: Tensor) => x.mul(x)));
    tidy(() => {
      for (let i = 0; i < 4; i++) captures.get("add", add)(ones([3], { device }));
    });
    assert.ok(device.ledger.buffers > before);
    captures.dispose();
    assert.is(device.ledger.buffers, before);
  });

  test.run();
});
