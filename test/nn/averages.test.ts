// Running means of parameters that optimisers keep.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Adam, type Optimizer, SGD } from "../../src/nn/mod.ts";
import { tidy } from "../../src/scope.ts";
import { capture, type Tensor, tensor } from "../../src/tensor/mod.ts";
import { assertClose, forEachDevice } from "../support/devices.ts";
import { isA } from "../support/errors.ts";

const STEPS = 12, DECAY = 0.8;

forEachDevice((device, label) => {
  const test = suite(`averages on ${label}`);

  const parameters = (): Map<string, Tensor> =>
    new Map([["a", [1, 2, 3]], ["b", [-1, 4]]].map(([name, values]) => {
      return [name as string, tensor(values as number[], { device, requiresGrad: true })];
    }));

  /** A step on the squares of both. */
  function step(all: Map<string, Tensor>, optimizer: Optimizer): void {
    tidy(() => {
      optimizer.zeroGrad();
      for (const parameter of all.values()) parameter.square().sum().backward();
      optimizer.step();
    });
  }

  const makers = {
    SGD: (all: Map<string, Tensor>) => {
      return new SGD(all, { lr: 0.1, momentum: 0.9, averageDecay: DECAY });
    },
    Adam: (all: Map<string, Tensor>) => new Adam(all, { lr: 0.1, averageDecay: DECAY }),
  };

  for (const [name, make] of Object.entries(makers)) {
    test(`those of ${name} are means first, then fade with the decay`, async () => {
      const all = parameters(), optimizer = make(all);
      let wanted: number[] = [];
      for (let t = 1; t <= STEPS; t++) {
        step(all, optimizer);
        const now = [...await all.get("a")!.data(), ...await all.get("b")!.data()];
        const share = Math.max(1 - DECAY, 1 / t);
        wanted = now.map((value, i) => (wanted[i] ?? 0) * (1 - share) + value * share);
      }
      const { a, b } = optimizer.averages() as { a: Tensor; b: Tensor };
      assertClose([...await a.data(), ...await b.data()], wanted);
      for (const it of [a, b, ...all.values(), optimizer]) it.dispose();
    });
  }

  test("captured steps and a resumed run have the same, bit for bit", async () => {
    const whole = parameters(), one = makers.SGD(whole);
    for (let t = 0; t < STEPS; t++) step(whole, one);
    const parts = parameters(), two = makers.SGD(parts);
    const captured = capture((unused: Tensor) => {
      step(parts, two);
      return unused.add(1);
    });
    const unused = tensor([0], { device });
    for (let t = 0; t < 5; t++) captured(unused).dispose();
    const three = makers.SGD(parts), state = two.stateDict();
    three.loadStateDict(state);
    for (let t = 5; t < STEPS; t++) step(parts, three);
    const a = one.averages(), b = three.averages();
    for (const name of ["a", "b"]) assert.equal(await b[name]!.data(), await a[name]!.data(), name);
    captured.dispose();
    const views = [a, b, state.tensors].flatMap((it) => Object.values(it));
    for (const it of [...views, ...whole.values(), ...parts.values(), unused, one, two, three]) {
      it.dispose();
    }
  });

  test("without them there are none to give or to take", () => {
    const all = parameters(), plain = new SGD(all, { lr: 0.1 }), averaging = makers.SGD(all);
    assert.throws(() => plain.averages(), isA(RangeError, /none are kept.*averageDecay/));
    step(all, plain);
    const state = plain.stateDict();
    assert.throws(() => averaging.loadStateDict(state), isA(TypeError, /no average of a/));
    step(all, averaging);
    const other = averaging.stateDict();
    assert.throws(() => plain.loadStateDict(other), isA(TypeError, /an average of a/));
    assert.throws(() => new SGD(all, { lr: 0.1, averageDecay: 1 }), RangeError);
    for (const it of [...all.values(), ...Object.values(state.tensors), plain, averaging]) {
      it.dispose();
    }
    for (const it of Object.values(other.tensors)) it.dispose();
  });

  test.run();
});
