// Every way of the kernels in the simulator: nothing that a GPU may take amiss, results as the reference
// gives them, and traffic within bounds.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { DType, TypedArray } from "../../src/dtype.ts";
import type { Program, Spec } from "../../src/kernels/mod.ts";
import { sizeOf } from "../../src/shape.ts";
import { assertClose } from "../support/devices.ts";
import { numbers } from "../support/numbers.ts";
import { type Case, CASES, waysOf } from "./cases.ts";
import { simulate, type Simulation } from "./simulate.ts";

type Words = Float32Array | Int32Array | Uint32Array;

const test = suite("kernels in the simulator");

function empty({ shape, dtype }: Spec): Words {
  const kinds: Readonly<Partial<Record<DType, new (size: number) => Words>>> = {
    f32: Float32Array,
    i32: Int32Array,
    u32: Uint32Array,
  };
  return new kinds[dtype]!(sizeOf(shape));
}

/** Inputs of a case. */
function inputsOf({ inputs, whole = (at) => at % 5 }: Case): readonly Words[] {
  return inputs.map((spec, i) => {
    const words = empty(spec), values = numbers(words.length, i + 1);
    words.set(spec.dtype === "f32" ? values : words.map((_, at) => whole(at)));
    return words;
  });
}

function referenceOf(
  { kernel, inputs, params }: Case,
  given: readonly Words[],
): readonly TypedArray[] {
  const outputs = kernel.outputs(inputs, params).map((spec) => ({ ...spec, data: empty(spec) }));
  kernel.reference(inputs.map((spec, i) => ({ ...spec, data: given[i]! })), outputs, params);
  return outputs.map(({ data }) => data);
}

/** Runs all dispatches of a program. */
function run(
  it: Case,
  program: Program,
  { seed, workgroups }: { seed: number; workgroups?: number },
) {
  const outputs = it.kernel.outputs(it.inputs, it.params).map(empty);
  const buffers = [...inputsOf(it), ...outputs, ...(program.scratch ?? []).map(empty)];
  const simulations = program.dispatches.map((dispatch): Simulation => {
    const bound = dispatch.operands.map((operand) => buffers[operand]!);
    return simulate(dispatch, bound, { seed, ...workgroups === undefined ? {} : { workgroups } });
  });
  return { outputs, simulations };
}

let ways = 0;

for (const [name, it] of Object.entries(CASES)) {
  test(`${name}: in any order, without races`, () => {
    const want = referenceOf(it, inputsOf(it));
    for (const way of waysOf(it)) {
      const { outputs, simulations } = run(it, way.program(), { seed: ++ways });
      for (const { faults } of simulations) assert.equal(faults, [], way.name);
      want.forEach((data, i) => {
        assertClose(outputs[i]!, data, { rtol: 1e-5, atol: 2e-5 }, `${name}, ${way.name}`);
      });
    }
  });
}

test("staged products read memory in whole segments, and meet seldom in banks", () => {
  let seen = 0;
  for (const [name, it] of Object.entries(CASES)) {
    for (const way of waysOf(it)) {
      if (!/^(blocked|implicit|phases|product)/.test(way.name)) continue;
      const { simulations } = run(it, way.program(), { seed: 1, workgroups: 1 });
      const { traffic } = simulations[0]!;
      const mean = (space: "storage" | "workgroup", figure: "segmentsPerNeeded" | "meanRounds") => {
        const some = traffic.filter((it) => it.space === space);
        const count = some.reduce((sum, { accesses }) => sum + accesses, 0);
        return some.reduce((sum, it) => sum + it.accesses * it[figure], 0) / count;
      };
      const segments = mean("storage", "segmentsPerNeeded"),
        rounds = mean("workgroup", "meanRounds");
      // Numbers at odd places are read one by one: neighbours then read four places apart.
      const most = it.inputs.every(({ shape }) => shape.at(-1)! % 4 === 0) ? 1.3 : 5;
      assert.ok(segments <= most, `${name}, ${way.name}: ${segments} segments for each needed`);
      assert.ok(rounds <= 2.6, `${name}, ${way.name}: ${rounds} rounds`);
      seen++;
    }
  }
  assert.ok(seen >= 12, `${seen} ways`);
});

test.run();
