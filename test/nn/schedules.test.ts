import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  constant,
  cosine,
  oneCycle,
  type OneCycleOptions,
  type Schedule,
  stepDecay,
  warmup,
} from "../../src/nn/mod.ts";
import golden from "../fixtures/schedules.json" with { type: "json" };
import { assertClose } from "../support/devices.ts";
import { isA } from "../support/errors.ts";

/** The options of all schedules of the golden values together. */
interface Options extends OneCycleOptions {
  readonly lr: number;
  readonly stepSize: number;
  readonly gamma: number;
  readonly tMax: number;
  readonly etaMin: number;
  readonly annealStrategy: "cos" | "linear";
}

function make(schedule: string, options: Options): Schedule {
  if (schedule === "step") return stepDecay(options);
  if (schedule === "cosineAnnealing") {
    return cosine({ lr: options.lr, steps: options.tMax, minimum: options.etaMin });
  }
  const way = options.annealStrategy === "cos" ? "cosine" : "linear";
  return oneCycle({ ...options, way });
}

for (const { name, schedule, options, lr, ...rest } of golden.cases) {
  test(`${name} gives PyTorch's numbers`, () => {
    const made = make(schedule, options as unknown as Options);
    assertClose(lr.map((_, step) => made(step)), lr, { rtol: 6e-9, atol: 1e-15 });
    const momentum = (rest as { momentum?: number[] }).momentum;
    assert.is(made.momentum === undefined, momentum === undefined);
    assertClose(momentum?.map((_, step) => made.momentum!(step)) ?? [], momentum ?? [], {
      rtol: 6e-9,
    });
  });
}

test("constant() stays", () => {
  assert.equal([0, 1, 1000].map(constant(0.3)), [0.3, 0.3, 0.3]);
});

test("oneCycle() keeps its last rate, also of short cycles", () => {
  const cycle = oneCycle({ maxLr: 1, totalSteps: 10 });
  assert.equal(cycle(1000), cycle(9));
  assertClose([cycle(9)], [1 / 25 / 1e4], { rtol: 1e-12 });
  assert.is(oneCycle({ maxLr: 1, totalSteps: 4, pctStart: 0.25 })(0), 1);
  for (const totalSteps of [1, 2, 3]) {
    for (const pctStart of [0, 0.3, 1]) {
      const short = oneCycle({ maxLr: 1, totalSteps, pctStart });
      for (let step = 0; step <= totalSteps; step++) assert.ok(Number.isFinite(short(step)));
    }
  }
});

test("warmup() rises to the schedule's first rate, then follows it", () => {
  const schedule = warmup(stepDecay({ lr: 1, stepSize: 2, gamma: 0.5 }), { steps: 4, start: 0.2 });
  assertClose([0, 1, 2, 3, 4, 5, 6, 8].map(schedule), [0.2, 0.4, 0.6, 0.8, 1, 1, 0.5, 0.25], {
    rtol: 1e-12,
  });
  assertClose([warmup(constant(3), { steps: 2 })(0)], [1], { rtol: 1e-12 });
  const cycle = oneCycle({ maxLr: 1, totalSteps: 10 });
  const later = warmup(cycle, { steps: 5 });
  assert.equal([0, 5, 8].map(later.momentum!), [0, 0, 3].map(cycle.momentum!));
});

test("schedules refuse settings that make no sense", () => {
  assert.throws(() => constant(-1), isA(RangeError, /constant: lr is -1/));
  assert.throws(() => stepDecay({ lr: 1, stepSize: 0 }), isA(RangeError, /stepSize is 0/));
  assert.throws(() => cosine({ lr: 1, steps: NaN }), isA(RangeError, /steps is NaN/));
  assert.throws(() => oneCycle({ maxLr: 1, totalSteps: 0 }), isA(RangeError, /totalSteps is 0/));
  assert.throws(
    () => oneCycle({ maxLr: 1, totalSteps: 9, pctStart: 2 }),
    isA(RangeError, /1 - pctStart is -1/),
  );
  assert.throws(() => warmup(constant(1), { steps: 0 }), isA(RangeError, /steps is 0/));
});

test.run();
