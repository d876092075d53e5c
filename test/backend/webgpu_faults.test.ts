import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WebGpuDevice } from "../../src/backend/mod.ts";
import { findAdapter, requestDevice } from "../../src/backend/webgpu/adapter.ts";
import { Faults } from "../../src/backend/webgpu/faults.ts";
import { nudge } from "../../src/backend/webgpu/nudge.ts";
import { sizeClass } from "../../src/backend/webgpu/pool.ts";
import { BackendError } from "../../src/errors.ts";
import { elementwise } from "../../src/kernels/mod.ts";
import { hasWebGpu, openWebGpu } from "../support/devices.ts";
import { filled } from "../support/kernels.ts";

const test = suite("webgpu faults");
const onGpu = hasWebGpu ? test : test.skip;

async function failure(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  if (error instanceof Error) return error;
  throw new Error("It should have been rejected");
}

onGpu("read() and all later calls are rejected when the device is lost", async () => {
  const found = await findAdapter();
  const gpu = await requestDevice(found);
  const device = new WebGpuDevice(gpu, found);
  const buffer = device.upload(new Float32Array(4), "f32");
  await device.read([buffer]);
  const reading = failure(device.read([buffer]));
  gpu.destroy();
  await gpu.lost;
  const late = failure(device.read([buffer]));
  assert.match((await late).message, /the device was lost .*, restore\(\) it/);
  assert.instance(await late, BackendError);
  // What was on its way may still have arrived in time; it must not hang.
  await Promise.race([reading, device.sync().catch(() => {})]);
  assert.throws(() => device.upload(new Float32Array(1), "f32"), /the device was lost/);
  device.close();
});

onGpu("run() works on a device with the default limits, and names them", async () => {
  const found = await findAdapter();
  const gpu = await found.adapter.requestDevice();
  const device = new WebGpuDevice(gpu, found);
  const [small] = device.run(filled, [], { shape: [1000], value: 3 });
  const [values] = await device.read([small!.buffer]);
  assert.is(values![999], 3);
  assert.throws(
    () => device.run(filled, [], { shape: [33_554_433], value: 3 }),
    "Cannot filled a tensor of shape [33554433]: it takes 134217732 bytes, " +
      "this device binds at most 134217728, use smaller batches",
  );
  device.close();
});

onGpu("read() takes more bytes than one staging buffer may have", async () => {
  const found = await findAdapter();
  const gpu = await found.adapter.requestDevice();
  const device = new WebGpuDevice(gpu, found);
  const outputs = [33_554_432, 33_554_432, 1000].map((size, value) => {
    return device.run(filled, [], { shape: [size], value })[0]!;
  });
  const got = await device.read(outputs.map(({ buffer }) => buffer));
  assert.equal(got.map((values) => values.at(-1)), [0, 1, 2]);
  device.close();
});

onGpu("sync() throws errors that no scope caught", async () => {
  const found = await findAdapter();
  const gpu = await requestDevice(found);
  const device = new WebGpuDevice(gpu, found);
  gpu.createBuffer({ size: 16, usage: 0x1 | 0x80 });
  const x = device.upload(new Float32Array(1), "f32");
  const error = await failure((async () => {
    for (let i = 0; i < 20; i++) {
      await device.sync();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })());
  assert.instance(error, BackendError);
  assert.match(error.message, /^WebGPU error: /);
  const [y] = device.run(elementwise.neg, [{ shape: [1], dtype: "f32", buffer: x }], undefined);
  assert.equal(await device.read([y!.buffer]), [new Float32Array([-0])]);
  device.close();
});

onGpu("nudge() returns what it waits for", async () => {
  const found = await findAdapter();
  const gpu = await requestDevice(found);
  assert.is(await nudge(gpu.queue, new Promise((resolve) => setTimeout(resolve, 20, 7))), 7);
  gpu.destroy();
});

onGpu("openWebGpu() makes devices without end", async () => {
  for (let i = 0; i < 10; i++) {
    const device = await openWebGpu();
    const buffer = device.upload(Float32Array.of(i), "f32");
    assert.equal(Array.from((await device.read([buffer]))[0]!), [i]);
    device.close();
  }
});

/** A GPUDevice that only fails. */
function fakeDevice(): {
  readonly gpu: GPUDevice;
  lose(): void;
  uncaptured(message: string): void;
} {
  let lose = (): void => {};
  const target = new EventTarget();
  const lost = new Promise<object>((resolve) => {
    lose = () => resolve({ reason: "unknown", message: "driver reset" });
  });
  const addEventListener = target.addEventListener.bind(target);
  return {
    gpu: { lost, addEventListener } as unknown as GPUDevice,
    lose,
    uncaptured(message) {
      target.dispatchEvent(Object.assign(new Event("uncapturederror"), { error: { message } }));
    },
  };
}

test("Faults throws the earliest fault, whichever is known first, and then forgets", async () => {
  const { gpu, uncaptured } = fakeDevice();
  const faults = new Faults(gpu, "fake");
  const slow = new Promise<GPUError>((resolve) => setTimeout(resolve, 10, { message: "first" }));
  faults.watch(slow, ({ message }) => new BackendError(message));
  faults.watch(Promise.resolve({ message: "second" }), ({ message }) => new BackendError(message));
  uncaptured("third");
  assert.is((await failure(faults.settle())).message, "first");
  await faults.settle();
  uncaptured("fourth");
  assert.match((await failure(faults.wait(Promise.resolve()))).message, "fourth");
});

test("Faults rejects what waits when the device is lost", async () => {
  const { gpu, lose } = fakeDevice();
  const faults = new Faults(gpu, "fake");
  const waits = [faults.wait(new Promise(() => {})), faults.wait(new Promise(() => {}))];
  faults.watch(new Promise(() => {}), () => new BackendError("never"));
  const settling = faults.settle();
  lose();
  for (const wait of [...waits, settling, faults.wait(Promise.resolve())]) {
    assert.match((await failure(wait)).message, /fake: the device was lost \(driver reset\)/);
  }
});

test("sizeClass() holds its size and wastes a quarter at most", () => {
  for (let bytes = 0; bytes < 1e10; bytes = Math.ceil(bytes * 1.07 + 1)) {
    const size = sizeClass(bytes);
    assert.ok(size >= bytes && size % 4 === 0);
    assert.ok(size <= Math.max(256, bytes * 1.25), `${size} for ${bytes}`);
    assert.is(sizeClass(size), size);
  }
});

test.run();
