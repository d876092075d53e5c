import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { DeviceBuffer, Operand, WebGpuDevice } from "../../src/backend/mod.ts";
import { BackendError, DisposedError, DTypeError } from "../../src/errors.ts";
import { elementwise, matmul } from "../../src/kernels/mod.ts";
import type { Shape } from "../../src/shape.ts";
import { openWebGpu, reference, webgpu } from "../support/devices.ts";
import {
  accumulate,
  broken,
  countElements,
  filled,
  tooManyWorkgroups,
  viaScratch,
} from "../support/kernels.ts";

const test = suite("webgpu device");

/** Registers a test on a device of its own, or skips it where there is no WebGPU. */
function it(name: string, run: (device: WebGpuDevice) => Promise<void> | void): void {
  if (webgpu === undefined) return test.skip(name, () => {});
  test(name, async () => {
    const device = await openWebGpu();
    try {
      await run(device);
    } finally {
      device.close();
    }
  });
}

function floats(length: number, f: (i: number) => number): Float32Array {
  return Float32Array.from({ length }, (_, i) => f(i));
}

function put(device: WebGpuDevice, values: Float32Array, shape: Shape = [values.length]): Operand {
  return { shape, dtype: "f32", buffer: device.upload(values, "f32") };
}

function add(device: WebGpuDevice, a: Operand, b: Operand): Operand {
  return device.run(elementwise.add, [a, b], undefined)[0]!;
}

async function get(device: WebGpuDevice, { buffer }: Operand): Promise<number[]> {
  return Array.from((await device.read([buffer]))[0]!);
}

/** What a promise, or a call that makes one, was rejected with. */
async function failure(work: () => unknown): Promise<Error> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("It should have failed");
}

it("run() adds two tensors", async (device) => {
  const y = add(device, put(device, floats(5, (i) => i)), put(device, floats(5, () => 10)));
  assert.equal(await get(device, y), [10, 11, 12, 13, 14]);
});

for (const size of [8, 1 << 15]) {
  it(`upload() keeps data when a recycled buffer of ${size} has work that waits`, async (device) => {
    const zero = put(device, floats(size, () => 0));
    const sums: Operand[] = [];
    for (let round = 0; round < 10; round++) {
      const x = put(device, floats(size, () => round));
      sums.push(add(device, x, zero));
      // The next round may get this buffer while the addition is only recorded.
      x.buffer.release();
    }
    const got = await device.read(sums.map((sum) => sum.buffer));
    assert.equal(got.map((values) => values[size - 1]), sums.map((_, round) => round));
    assert.equal(got.map((values) => values[0]), sums.map((_, round) => round));
  });
}

it("write() comes after what was asked for before", async (device) => {
  const x = put(device, floats(4, () => 1));
  const before = add(device, x, x);
  device.write(x.buffer, floats(4, () => 5));
  const after = add(device, x, x);
  device.write(x.buffer, floats(4, () => 7));
  const got = await device.read([before.buffer, after.buffer, x.buffer]);
  assert.equal(got.map((values) => values[3]), [2, 10, 7]);
  assert.is(x.buffer.version, 2);
});

it("read() takes a snapshot even when the buffer is overwritten before it resolves", async (device) => {
  const x = put(device, floats(4, () => 1));
  const reading = device.read([x.buffer]);
  device.write(x.buffer, floats(4, () => 2));
  x.buffer.release();
  put(device, floats(4, () => 3));
  assert.equal(Array.from((await reading)[0]!), [1, 1, 1, 1]);
});

it("run() keeps the order of a chain over many batches", async (device) => {
  const one = put(device, floats(3, () => 1));
  let sum = put(device, floats(3, (i) => i));
  for (let i = 0; i < 1000; i++) {
    const next = add(device, sum, one);
    sum.buffer.release();
    sum = next;
  }
  assert.equal(await get(device, sum), [1000, 1001, 1002]);
  assert.is(device.ledger.counters.get("dispatches"), 1000);
  assert.ok(device.ledger.counters.get("submits")! <= 1000 / 64 + 2);
});

it("run() names the kernel, the error and the shader when WGSL does not compile", async (device) => {
  const x = put(device, floats(4, () => 1));
  const good = add(device, x, x);
  const bad = device.run(broken, [x], undefined)[0]!;
  const error = await failure(() => device.read([good.buffer]));
  assert.instance(error, BackendError);
  assert.match(error.message, /Cannot compile kernel broken for WebGPU: .*no_such_thing/s);
  assert.is((error as BackendError).kernel, "broken");
  assert.match((error as BackendError).code, /no_such_thing/);
  // Its batch was lost, so nothing of it may be read as if nothing had happened.
  for (const lost of [good, bad]) {
    assert.match((await failure(() => device.read([lost.buffer]))).message, /compute it again/);
    assert.match((await failure(() => add(device, lost, x))).message, /compute it again/);
  }
  // Known from now on, at once; and everything else goes on.
  assert.throws(() => device.run(broken, [x], undefined), /Cannot compile kernel broken/);
  assert.equal(await get(device, add(device, x, x)), [2, 2, 2, 2]);
});

it("read() fails for all who wait at the same time when their batch fails", async (device) => {
  const x = put(device, floats(4, () => 1));
  const y = add(device, x, x);
  device.run(broken, [x], undefined);
  const waits = [0, 1, 2].map(() => failure(() => device.read([y.buffer])));
  for (const wait of waits) assert.instance(await wait, BackendError);
  assert.equal(await get(device, x), [1, 1, 1, 1]);
});

it("sync() throws what went wrong once", async (device) => {
  const x = put(device, floats(4, () => 1));
  device.run(broken, [x], undefined);
  assert.instance(await failure(() => device.sync()), BackendError);
  await device.sync();
});

it("run() gives a kernel scratch buffers and takes them back", async (device) => {
  const x = put(device, floats(100, (i) => i));
  for (let round = 0; round < 3; round++) {
    const y = device.run(viaScratch, [x], undefined)[0]!;
    assert.equal(await get(device, y), Array.from({ length: 100 }, (_, i) => 2 * i + 1));
    y.buffer.release();
  }
  assert.is(device.ledger.counters.get("buffersMade"), 3);
  assert.is(device.ledger.buffers, 1);
});

it("run() folds more than 65,535 workgroups", async (device) => {
  const size = 65535 * 64 + 77;
  const x = put(device, floats(size, (i) => i % 251));
  const [y] = device.run(elementwise.add, [x, x], undefined);
  const got = (await device.read([y!.buffer]))[0]!;
  assert.is(got.findIndex((value, i) => value !== 2 * (i % 251)), -1);
});

it("run() refuses more workgroups than a dimension takes", async (device) => {
  const x = put(device, floats(1, () => 1));
  const error = await failure(() => device.run(tooManyWorkgroups, [x], undefined));
  assert.match(error.message, /Cannot run tooManyWorkgroups: .*65536.*65535/);
});

it("run() updates buffers in place", async (device) => {
  const w = put(device, floats(3, (i) => i)), g = put(device, floats(3, () => 0.5));
  for (let step = 0; step < 4; step++) {
    assert.is(device.run(accumulate, [g], undefined, [w])[0], w);
  }
  assert.equal(await get(device, w), [2, 3, 4]);
  assert.is(w.buffer.version, 4);
  assert.throws(() => device.run(accumulate, [w], undefined, [w]), /must occur once/);
  assert.throws(() => device.run(accumulate, [g], undefined), /given 0 buffers to update/);
});

it("run() takes empty tensors", async (device) => {
  const empty = put(device, new Float32Array(0), [0, 3]);
  assert.equal(await get(device, add(device, empty, empty)), []);
  const [a, b] = [put(device, new Float32Array(0), [2, 0]), empty];
  const [c] = device.run(matmul, [a, b], { transposeA: false, transposeB: false });
  assert.equal(c!.shape, [2, 3]);
  assert.equal(await get(device, c!), [0, 0, 0, 0, 0, 0]);
  assert.equal(await device.read([]), []);
});

it("run() binds exactly the elements of a tensor", async (device) => {
  for (const size of [1, 3, 65, 1000]) {
    const [y] = device.run(countElements, [put(device, new Float32Array(size))], undefined);
    assert.equal(await get(device, y!), [size]);
  }
});

it("run() tells calls apart by shapes and parameters", async (device) => {
  const params = { shape: [2], value: 1 };
  const [a] = device.run(filled, [], params);
  params.value = 2;
  const [b] = device.run(filled, [], params);
  const [c] = device.run(filled, [], { shape: [3], value: 1 });
  assert.equal(await get(device, a!), [1, 1]);
  assert.equal(await get(device, b!), [2, 2]);
  assert.equal(await get(device, c!), [1, 1, 1]);
  assert.is(device.ledger.counters.get("pipelines"), 2);
});

it("ledger stays flat over 1,000 iterations", async (device) => {
  const w = put(device, floats(1000, () => 1), [10, 100]);
  const step = async (round: number): Promise<void> => {
    const x = put(device, floats(100, () => round), [100, 1]);
    const scale = put(device, floats(1, () => round), []);
    const [p] = device.run(matmul, [w, x], { transposeA: false, transposeB: false });
    const [y] = device.run(elementwise.mul, [p!, scale], undefined);
    if (round % 50 === 0) assert.is((await get(device, y!))[9], 100 * round * round);
    for (const operand of [x, scale, p!, y!]) operand.buffer.release();
  };
  for (let round = 0; round < 50; round++) await step(round);
  const { buffers, bytes, pooledBytes, counters } = device.ledger;
  const made = ["buffersMade", "pipelines"].map((name) => counters.get(name));
  for (let round = 50; round < 1000; round++) await step(round);
  assert.equal([buffers, bytes], [1, 4000]);
  assert.equal([device.ledger.buffers, device.ledger.bytes], [buffers, bytes]);
  assert.is(device.ledger.pooledBytes, pooledBytes);
  assert.equal(["buffersMade", "pipelines"].map((name) => counters.get(name)), made);
});

it("run() makes no bind group in a step that repeats", async (device) => {
  const w = put(device, floats(64, () => 1), [8, 8]);
  const step = async (): Promise<void> => {
    const a = add(device, w, w), b = add(device, a, w), c = add(device, a, b);
    a.buffer.release();
    const d = add(device, c, w);
    await device.read([d.buffer]);
    for (const operand of [b, d, c]) operand.buffer.release();
  };
  for (let i = 0; i < 3; i++) await step();
  const made = device.ledger.counters.get("bindGroups");
  for (let i = 0; i < 20; i++) await step();
  assert.is(device.ledger.counters.get("bindGroups"), made);
});

it("read() copies several buffers of all types with one wait", async (device) => {
  const ints = device.upload(Int32Array.of(-1, 2), "i32");
  const words = device.upload(Uint32Array.of(0xffffffff), "u32");
  const empty = device.upload(new Float32Array(0), "f32");
  const large = device.upload(floats(6_000_000, (i) => i % 1000), "f32");
  const got = await device.read([ints, empty, large, words, ints]);
  assert.equal(got[0], Int32Array.of(-1, 2));
  assert.equal(got[1], new Float32Array(0));
  assert.is(got[2]!.findIndex((value, i) => value !== i % 1000), -1);
  assert.equal(got[3], Uint32Array.of(0xffffffff));
  assert.equal(got[4], Int32Array.of(-1, 2));
  assert.is(device.ledger.readbacks, 1);
});

it("read() serves readers at the same time", async (device) => {
  const operands = Array.from({ length: 8 }, (_, k) => put(device, floats(1000 * k, () => k)));
  const got = await Promise.all(operands.map((operand) => get(device, operand)));
  assert.equal(got.map((values) => [values.length, values.at(-1)]), [
    [0, undefined],
    ...Array.from({ length: 7 }, (_, k) => [1000 * (k + 1), k + 1]),
  ]);
});

it("pace() lets a loop go on and loses nothing", async (device) => {
  const one = put(device, floats(2, () => 1));
  const sum = put(device, floats(2, () => 0));
  for (let i = 0; i < 40; i++) {
    device.run(accumulate, [one], undefined, [sum]);
    await device.pace();
  }
  assert.equal(await get(device, sum), [40, 40]);
});

it("upload() refuses types that the device or the array does not hold", async (device) => {
  const f64 = await failure(() => device.upload(new Float64Array(1), "f64"));
  assert.instance(f64, DTypeError);
  assert.match(f64.message, /WGSL has no f64, use f32/);
  assert.throws(
    () => device.upload(new Int32Array(1), "f32"),
    /Cannot upload i32 elements as f32/,
  );
  const x = put(device, floats(2, () => 1));
  assert.throws(() => device.write(x.buffer, floats(3, () => 1)), /8 bytes: .* 12 bytes/);
});

it("run() refuses buffers of other devices, freed ones and wrong shapes", async (device) => {
  const x = put(device, floats(2, () => 1));
  const other: Operand = { ...x, buffer: reference.upload(new Float32Array(2), "f32") };
  assert.throws(() => add(device, x, other), /lives on another device \(plain TypeScript/);
  assert.throws(
    () => device.run(elementwise.neg, [{ ...x, shape: [3] }], undefined),
    /8 bytes: the shape takes 12 bytes/,
  );
  x.buffer.release();
  const error = await failure(() => add(device, x, x));
  assert.instance(error, DisposedError);
  // The slot has a new holder; the old one must not see its data.
  put(device, floats(2, () => 2));
  assert.throws(() => add(device, x, x), /already freed/);
  assert.instance(await failure(() => device.read([x.buffer])), DisposedError);
});

it("run() refuses tensors beyond the binding limit before anything is allocated", (device) => {
  const a = put(device, new Float32Array(40_000), [40_000, 1]);
  const made = device.ledger.counters.get("buffersMade");
  const product = (): unknown =>
    device.run(matmul, [a, a], { transposeA: false, transposeB: true });
  assert.throws(product, /shape \[40000, 40000\]: it takes 6400000000 bytes, this device binds at/);
  assert.is(device.ledger.counters.get("buffersMade"), made);
});

it("close() ends everything and may be called twice", async (device) => {
  const x = put(device, floats(2, () => 1));
  const reading = failure(() => device.read([x.buffer]));
  const syncing = failure(() => device.sync());
  add(device, x, x);
  device.close();
  device.close();
  assert.instance(await reading, DisposedError);
  assert.match((await syncing).message, /the device was closed/);
  const calls: (() => unknown)[] = [
    () => device.upload(new Float32Array(1), "f32"),
    () => add(device, x, x),
    () => device.write(x.buffer, new Float32Array(2)),
    () => device.read([x.buffer]),
    () => device.sync(),
  ];
  for (const call of calls) assert.instance(await failure(call), DisposedError);
  x.buffer.release();
});

it("open devices do not disturb each other", async (device) => {
  const second = await openWebGpu();
  const x = put(device, floats(2, () => 1)), y = put(second, floats(2, () => 2));
  const z = add(second, y, y);
  second.close();
  assert.equal(await get(device, add(device, x, x)), [2, 2]);
  assert.throws(() => add(device, x, z), /lives on another device/);
});

it("free() returns buffers that many sizes fragment, within bounds", async (device) => {
  const held: DeviceBuffer[] = [];
  for (let i = 0; i < 300; i++) {
    held.push(device.upload(new Float32Array(1 + (i * 7919) % 100_000), "f32"));
    if (held.length > 10) held.shift()!.release();
  }
  for (const buffer of held) buffer.release();
  await device.sync();
  assert.is(device.ledger.buffers, 0);
  assert.is(device.ledger.bytes, 0);
  assert.ok(device.ledger.pooledBytes <= 64 * 2 ** 20);
});

test.run();
