// Calls that find what they read in the GPUBuffer that they write: every shader works so, and with the
// same bits.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { DeviceBuffer, Operand } from "../../src/backend/mod.ts";
import { withWritable } from "../../src/backend/webgpu/read_beside.ts";
import { toTypedArray } from "../../src/dtype.ts";
import { BackendError } from "../../src/errors.ts";
import type { Spec } from "../../src/kernels/mod.ts";
import { sizeOf } from "../../src/shape.ts";
import { CASES } from "../simulator/cases.ts";
import { webgpu } from "../support/devices.ts";
import { says } from "../support/errors.ts";
import { numbers } from "../support/numbers.ts";

const test = suite("reading beside writing");
const onWebGpu = webgpu === undefined ? test.skip : test;

const CODE = `@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(10) var<storage, read> c: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;`;

test("withWritable() changes the bindings that it is told", () => {
  const changed = withWritable(CODE, [1]);
  assert.is(
    changed.split("\n")[1],
    "@group(0) @binding(1) var<storage, read_write> b: array<f32>;",
  );
  assert.is(changed.replace("read_write> b", "read> b"), CODE);
  assert.throws(
    () => withWritable(CODE, [2]),
    says(
      BackendError,
      "Cannot bind operand 2 of a shader as writable: it must be declared with " +
        "@binding(2) var<storage, read>",
    ),
  );
});

/** Cases whose first dispatch reads operands and writes parts, and whose second adds these up. */
const IN_PARTS: ReadonlySet<string> = new Set([
  "the gradient of its weights",
  "the gradient of odd weights",
  "sums of few",
]);

/** Operands that lie one behind the other in one GPUBuffer. */
function besideEachOther(specs: readonly Spec[]): readonly Operand[] {
  const places = specs.map(({ shape }) => Math.ceil(sizeOf(shape) / 64) * 256);
  const memory = webgpu!.reserve(places.reduce((sum, bytes) => sum + bytes, 0));
  let offset = 0;
  const operands = specs.map((spec, i): Operand => {
    const buffer = webgpu!.share(memory, spec, offset);
    offset += places[i]!;
    return { ...spec, buffer };
  });
  memory.release();
  return operands;
}

for (const [name, { kernel, inputs, params, whole }] of Object.entries(CASES)) {
  onWebGpu(`${name}: the bits are those of operands in buffers of their own`, async () => {
    const device = webgpu!, ledger = device.ledger;
    const data = inputs.map(({ shape, dtype }, i) => {
      const size = sizeOf(shape);
      return dtype === "f32"
        ? toTypedArray(dtype, numbers(size, i + 1))
        : toTypedArray(dtype, Array.from({ length: size }, (_, at) => whole?.(at) ?? at % 5));
    });
    const alone = inputs.map((spec, i): Operand => {
      return { ...spec, buffer: device.upload(data[i]!, spec.dtype) };
    });
    const wanted = device.run(kernel, alone, params);
    const operands = besideEachOther([...inputs, ...kernel.outputs(inputs, params)]);
    const read = operands.slice(0, inputs.length), written = operands.slice(inputs.length);
    read.forEach(({ buffer }, i) => device.write(buffer, data[i]!));
    const before = ledger.counters.get("dispatchesBeside") ?? 0;
    const prepared = device.prepare([{ kernel, inputs: read, params, outputs: written }], []);
    const beside = ledger.counters.get("dispatchesBeside")! - before;
    assert.is(beside > 0, !IN_PARTS.has(name), `${beside} dispatches`);
    prepared.run([]);
    const buffersOf = (list: readonly Operand[]): DeviceBuffer[] => list.map((it) => it.buffer);
    const all = await device.read([...buffersOf(written), ...buffersOf(wanted)]);
    wanted.forEach((_, i) => {
      const bits = (at: number): readonly number[] => [...new Uint32Array(all[at]!.buffer)];
      assert.equal(bits(i), bits(wanted.length + i));
    });
    prepared.release();
    for (const { buffer } of [...operands, ...alone, ...wanted]) buffer.release();
  });
}

test.run();
