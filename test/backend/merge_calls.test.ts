// Calls that follow each other become one where nothing stands against it.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BoundCall, DeviceBuffer, Operand } from "../../src/backend/mod.ts";
import { type Gather, mergeCalls } from "../../src/backend/webgpu/merge_calls.ts";
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

/** What a device does that can move everything: notes what is asked for. */
function gathering(): { readonly gather: Gather; readonly asked: (readonly DeviceBuffer[])[] } {
  const asked: (readonly DeviceBuffer[])[] = [];
  const gather: Gather = (buffers) => {
    asked.push(buffers);
    return operand(buffers.reduce((sum, { size }) => sum + size, 0)).buffer;
  };
  return { gather, asked };
}

/** Elements of what each merged call writes. */
function sizes(calls: readonly BoundCall[]): readonly number[] {
  return mergeCalls(calls, gathering().gather).map(({ outputs }) => outputs[0]!.buffer.size);
}

test("steps with the same scalars run as one over the memory of all", () => {
  const scalars = operand(4), { gather, asked } = gathering();
  const calls = Array.from({ length: 8 }, () => step(scalars));
  const [merged, ...others] = mergeCalls(calls, gather);
  assert.equal(others, []);
  assert.equal(merged!.inputs.map(({ shape }) => shape), [[24], [4]]);
  assert.is(merged!.inputs[1], scalars);
  assert.equal(merged!.outputs.map(({ shape }) => shape), [[24]]);
  assert.equal(asked, [
    calls.map(({ inputs }) => inputs[0]!.buffer),
    calls.map(({ outputs }) => outputs[0]!.buffer),
  ]);
});

test("what cannot be gathered runs one by one", () => {
  const scalars = operand(4), calls = [step(scalars), step(scalars)];
  assert.equal(mergeCalls(calls, () => undefined), calls);
});

test("other scalars, other parameters of the kernel, and calls between keep them apart", () => {
  const scalars = operand(4), other = operand(4);
  assert.equal(sizes([step(scalars), step(other)]), [3, 3]);
  const momentum = (nesterov: boolean): BoundCall => ({
    kernel: sgdMomentum,
    inputs: [operand(3), scalars],
    params: { nesterov },
    outputs: [operand(3), operand(3)],
  });
  assert.equal(sizes([momentum(true), momentum(false), momentum(false)]), [3, 6]);
  assert.equal(sizes([step(scalars), momentum(true), step(scalars)]), [3, 3, 3]);
});

test("a call that reads or writes what another writes stays apart", () => {
  const scalars = operand(4), p = operand(3);
  assert.equal(sizes([step(scalars, { p }), step(scalars, { p })]), [3, 3]);
  assert.equal(sizes([step(scalars, { p }), step(scalars, { g: p })]), [3, 3]);
  assert.equal(sizes([step(scalars, { g: p }), step(scalars, { p })]), [3, 3]);
});

test.run();
