import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type DeviceChoice, openDevice, WebGpuDevice } from "../../src/backend/mod.ts";
import { hasWebGpu, webgpu } from "../support/devices.ts";

const test = suite("openDevice");

test("openDevice() opens the reference device", async () => {
  const device = await openDevice("reference");
  assert.is(device.backend, "reference");
  assert.ok(device.dtypes.includes("f64"));
  device.close();
});

test("openDevice() opens the cpu device", async () => {
  const device = await openDevice("cpu");
  assert.is(device.backend, "cpu");
  assert.match(device.description, /^WebAssembly (relaxed )?SIMD, \d+ threads?$/);
  device.close();
});

test("openDevice() takes no software adapter for auto, and says why it took what it took", async () => {
  const device = await openDevice();
  if (device instanceof WebGpuDevice) assert.not(device.software);
  else assert.match(device.description, /no GPU: the only adapter is .*software|Cannot .*WebGPU/);
  device.close();
});

(hasWebGpu ? test : test.skip)("openDevice() takes any adapter for webgpu", () => {
  assert.instance(webgpu, WebGpuDevice);
  assert.is(webgpu?.backend, "webgpu");
  assert.equal(webgpu?.dtypes, ["f32", "i32", "u32"]);
  assert.match(
    webgpu!.description,
    /\((Dawn in Node|wgpu in Deno|browser)(, software adapter)?\)$/,
  );
});

test("openDevice() lists the choices for an unknown name", async () => {
  try {
    await openDevice("gpu" as DeviceChoice);
  } catch (error) {
    assert.instance(error, RangeError);
    assert.match(
      (error as Error).message,
      'Cannot open a device "gpu": the choice must be one of auto, webgpu, cpu, reference',
    );
    return;
  }
  assert.unreachable();
});

test.run();
