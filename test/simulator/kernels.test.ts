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
import type { Traffic } from "./traffic.ts";

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

/** The mean of a figure over all accesses of a kind. */
function mean(
  traffic: readonly Traffic[],
  figure: "segmentsPerNeeded" | "meanRounds",
  which: Partial<Pick<Traffic, "space" | "kind">>,
): number {
  const some = traffic.filter(({ space, kind }) => {
    return space === (which.space ?? space) && kind === (which.kind ?? kind);
  });
  const count = some.reduce((sum, { accesses }) => sum + accesses, 0);
  return some.reduce((sum, it) => sum + it.accesses * it[figure], 0) / count;
}

/**
 * Segments read for each needed, at most. A row of 16 numbers of a tile, at an odd place, lies in 2.9
 * segments and not in 2, one of 32 in 4.9 and not in 4. Odd images have rows of a few numbers, and
 * strides leave numbers out.
 */
function mostSegments({ kernel, inputs }: Case): number {
  if (inputs.every(({ shape }) => shape.at(-1)! % 4 === 0)) return 1.3;
  return kernel.name === "matmul" ? 1.5 : 2.6;
}

test("staged products read memory in whole segments, and meet seldom in banks", () => {
  let seen = 0;
  for (const [name, it] of Object.entries(CASES)) {
    for (const way of waysOf(it)) {
      if (!/^(blocked|implicit|phases|product)/.test(way.name)) continue;
      const { simulations } = run(it, way.program(), { seed: 1, workgroups: 1 });
      const { traffic } = simulations[0]!, what = `${name}, ${way.name}`;
      const reads = mean(traffic, "segmentsPerNeeded", { space: "storage", kind: "read" });
      const rounds = mean(traffic, "meanRounds", { space: "workgroup" });
      assert.ok(reads <= mostSegments(it), `${what}: ${reads} segments read for each needed`);
      assert.ok(rounds <= 2.6, `${what}: ${rounds} rounds`);
      for (const { space, site, worstRounds } of traffic) {
        if (space === "workgroup") assert.ok(worstRounds <= 4, `${what}, ${site}: ${worstRounds}`);
      }
      seen++;
    }
  }
  assert.ok(seen >= 18, `${seen} ways`);
});

test("odd products write rows of neighbours", () => {
  for (const name of ["a product with edges", "an odd product, both across"]) {
    const it = CASES[name]!, way = waysOf(it).find(({ name }) => name.startsWith("blocked"))!;
    const { traffic } = run(it, way.program(), { seed: 1, workgroups: 1 }).simulations[0]!;
    const writes = mean(traffic, "segmentsPerNeeded", { space: "storage", kind: "write" });
    assert.ok(writes <= 2, `${name}: ${writes} segments written for each needed`);
  }
});

test.run();
