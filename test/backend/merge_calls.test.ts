// Calls that follow each other become one where nothing stands against it.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BoundCall, Operand } from "../../src/backend/mod.ts";
import { mergeCalls } from "../../src/backend/webgpu/merge_calls.ts";
import { sgd, sgdMomentum } from "../../src/kernels/mod.ts";
import { reference } from "../support/devices.ts";

const test = suite("merging calls");

function operand(size: number): Operand {
  const shape = [size], dtype = "f32";
  return { shape, dtype, buffer: reference.allocate({ shape, dtype }) };
}

/** A step of plain gradient descent. */
function step(scalars: Operand, { p = operand(3), g = operand(3) } = {}): BoundCall {
  return { kernel: sgd, inputs: [g, scalars], params: undefined, outputs: [p] };
}

const sizes = (calls: readonly BoundCall[]) => calls.map(({ outputs }) => outputs.length);

test("steps with the same scalars run together, as many as a shader binds", () => {
  const scalars = operand(4);
  const calls = Array.from({ length: 8 }, () => step(scalars));
  const merged = mergeCalls(calls);
  assert.equal(sizes(merged), [3, 3, 2]);
  assert.equal(merged[0]!.inputs, [...calls.slice(0, 3).map(({ inputs }) => inputs[0]!), scalars]);
  assert.equal(merged[0]!.outputs, calls.slice(0, 3).map(({ outputs }) => outputs[0]!));
});

test("other scalars, other parameters of the kernel, and calls between keep them apart", () => {
  const scalars = operand(4), other = operand(4);
  assert.equal(sizes(mergeCalls([step(scalars), step(other)])), [1, 1]);
  const momentum = (nesterov: boolean): BoundCall => ({
    kernel: sgdMomentum,
    inputs: [operand(3), scalars],
    params: { nesterov },
    outputs: [operand(3), operand(3)],
  });
  assert.equal(sizes(mergeCalls([momentum(true), momentum(false), momentum(false)])), [2, 4]);
  assert.equal(sizes(mergeCalls([step(scalars), momentum(true), step(scalars)])), [1, 2, 1]);
});

test("a call that reads or writes what another writes stays apart", () => {
  const scalars = operand(4), p = operand(3);
  assert.equal(sizes(mergeCalls([step(scalars, { p }), step(scalars, { p })])), [1, 1]);
  assert.equal(sizes(mergeCalls([step(scalars, { p }), step(scalars, { g: p })])), [1, 1]);
  assert.equal(sizes(mergeCalls([step(scalars, { g: p }), step(scalars, { p })])), [1, 1]);
});

test.run();
