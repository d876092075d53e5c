// GPU time of dispatches, where the adapter has timestamps.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { profile, type WebGpuDevice } from "../../src/backend/mod.ts";
import { requestGpu } from "#platform";
import { RandomStream } from "../../src/random.ts";
import { tidy } from "../../src/scope.ts";
import { randn } from "../../src/tensor/mod.ts";
import { hasWebGpu, openWebGpu, reference } from "../support/devices.ts";
import { nullDevice } from "../support/null_gpu.ts";

const test = suite("timestamps of webgpu");

function stepOn(device: WebGpuDevice) {
  const random = new RandomStream(1), a = randn([64, 64], { random, device });
  return () => tidy(() => void a.matmul(a).relu().matmul(a).sum());
}

test("a device without timestamps says so", async () => {
  assert.is(await nullDevice().timeDispatches(() => {}), undefined);
  const { gpuTimes } = await profile(nullDevice(), () => {}, { steps: 1 });
  assert.is(gpuTimes, null);
  assert.is((await profile(reference, () => {}, { steps: 1 })).gpuTimes, null);
});

test("a profile tells how far it is", async () => {
  const heard: string[] = [];
  await profile(nullDevice(), () => {}, {
    warmup: 1,
    steps: 2,
    onProgress: ({ label, done, total }) => heard.push(`${label} ${done}/${total}`),
  });
  assert.equal(heard, ["warm up 1/5", "count 2/5", "time 3/5", "time 4/5", "GPU time 5/5"]);
});

if (hasWebGpu) {
  test("every dispatch has its time and its kernel, and later steps are as before", async () => {
    const adapter = await (await requestGpu()).requestAdapter();
    const device = await openWebGpu(), step = stepOn(device);
    step();
    const times = await device.timeDispatches(step);
    if (!adapter!.features.has("timestamp-query")) {
      assert.is(times, undefined);
      return device.close();
    }
    const kernels = times!.map(({ kernel }) => kernel);
    assert.equal(kernels.filter((kernel) => kernel === "matmul").length, 2);
    assert.ok(kernels.includes("relu") && kernels.includes("sum"), kernels.join(" "));
    assert.ok(times!.every(({ seconds }) => seconds >= 0 && seconds < 60));
    assert.ok(times!.some(({ seconds }) => seconds > 0));
    const passes = () => device.ledger.counters.get("passes")!;
    const before = passes();
    step();
    await device.sync();
    assert.is(passes() - before, 1);
    const { gpuTimes } = await profile(device, step, { steps: 1 });
    const matmul = gpuTimes!.find(({ kernel }) => kernel === "matmul")!;
    assert.is(matmul.dispatches, 2);
    device.close();
  });
}

test.run();
