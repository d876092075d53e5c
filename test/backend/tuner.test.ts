// The tuner: that a wrong way is never chosen, that a slow one loses, and what changes afterwards.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openDevice, tune, type WebGpuDevice } from "../../src/backend/mod.ts";
import { measure, sampleLength } from "../../src/backend/tuner/measure.ts";
import { BackendError } from "../../src/errors.ts";
import type { Candidate, Kernel } from "../../src/kernels/mod.ts";
import { perElement } from "../../src/kernels/wgsl.ts";
import { isA, rejects } from "../support/errors.ts";
import { hasWebGpu, openWebGpu, reference } from "../support/devices.ts";

const test = suite("tuner");

const SIZE = 4096;

/** y = 2 x, with ways that are slow, quick, wrong and broken. */
function double(order: readonly ("slow" | "quick" | "wrong" | "broken")[]): Kernel {
  const bodies = {
    quick: "y[i] = x[i] * 2.0;",
    slow: `var sum = 0.0;
      for (var k = 0u; k < 20000u; k++) { sum = max(sum, x[(i + k) % ${SIZE}u]); }
      y[i] = x[i] * 2.0 + min(sum, 0.0);`,
    wrong: "y[i] = x[i] * 2.0; if (i == 77u) { y[i] = 0.0; }",
    broken: "y[i] = nonsense;",
  };
  const ways = order.map((name): Candidate => ({
    name,
    waits: false,
    program: () => ({
      dispatches: [{
        ...perElement({
          size: SIZE,
          operands: [],
          declarations: `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;`,
          body: bodies[name],
        }),
        operands: [0, 1],
      }],
    }),
  }));
  return {
    name: "double",
    outputs: ([x]) => [x!],
    reference: ([x], [y]) => x!.data.forEach((value, i) => y!.data[i] = 2 * value),
    candidates: () => ways,
    webgpu: () => ways[0]!.program(),
  };
}

/** Runs the kernel on ones, as a step. */
function stepOf(device: WebGpuDevice, kernel: Kernel) {
  const shape = [64, SIZE / 64], dtype = "f32" as const;
  const buffer = device.upload(new Float32Array(SIZE).fill(1), dtype);
  const step = () => device.run(kernel, [{ shape, dtype, buffer }], undefined)[0]!.buffer;
  return { run: () => step().release(), step };
}

test("only WebGPU devices are tuned", async () => {
  await rejects(
    tune(reference, () => {}),
    isA(BackendError, /^Cannot tune .*: only WebGPU devices/),
  );
});

test("samples are long against a wait for nothing, and never very short", () => {
  assert.is(sampleLength(0), 4);
  assert.is(sampleLength(10), 40);
});

test("it times in turns, and gives up what is clearly slower", async () => {
  const clock = new Map([["a", 1], ["b", 1.2], ["c", 9]]), heard: string[] = [];
  const timers = [...clock].map(([name, each]) => (times: number) => {
    heard.push(name);
    return Promise.resolve(times * each);
  });
  assert.equal(await measure(timers, 10), [1, 1.2, undefined]);
  assert.is(heard.join("").replace(/^aaabbbccc/, ""), "abababab");
});

if (hasWebGpu) {
  test("the quickest right way is chosen, whatever comes first", async () => {
    const device = await openWebGpu();
    for (const order of [["slow", "quick"], ["wrong", "slow", "broken", "quick"]] as const) {
      const kernel = double(order), { run } = stepOf(device, kernel), labels: string[] = [];
      const report = await tune(device, run, {
        keep: false,
        onProgress: ({ done, total, label }) => labels.push(`${done}/${total} ${label}`),
      });
      const [call] = report.calls;
      assert.equal([report.calls.length, report.left, report.kept], [1, 0, null]);
      assert.equal([call!.kernel, call!.shapes], ["double", "[64, 64]"]);
      assert.equal([call!.before, call!.chosen], [order[0], "quick"]);
      assert.equal(labels, ["0/1 double [64, 64]", "1/1 "]);
      for (const { way, seconds, error } of call!.ways) {
        if (way === "wrong") assert.match(error!, /^result 0 is off by/);
        if (way === "broken") assert.match(error!, /double/);
        assert.is(error === null, way === "quick" || way === "slow", way);
        if (way === "quick") assert.ok(seconds! > 0);
      }
    }
    device.close();
  });

  test("calls take the chosen way at once, and results stay right", async () => {
    const device = await openWebGpu(), kernel = double(["wrong", "quick"]);
    const { run, step } = stepOf(device, kernel);
    const resultOf = async () => (await device.read([step()]))[0]![77];
    assert.is(await resultOf(), 0);
    await tune(device, run, { keep: false });
    assert.is(await resultOf(), 2);
    assert.is(device.choices.tuned?.choices.size, 1);
    device.choices.change(undefined);
    assert.is(await resultOf(), 0);
    device.close();
  });

  test("a call without a right way is an error, and changes nothing", async () => {
    const device = await openWebGpu(), { run } = stepOf(device, double(["wrong", "broken"]));
    await rejects(
      tune(device, run, { keep: false }),
      isA(BackendError, /^Cannot tune double .*: no way gives .*wrong: result 0 is off.*broken: /s),
    );
    assert.is(device.choices.tuned, undefined);
    device.close();
  });

  test("it stops by signal and by budget, and says what is left", async () => {
    const device = await openWebGpu(), { run } = stepOf(device, double(["slow", "quick"]));
    const stopped = { calls: [], left: 1, kept: null };
    const signal = AbortSignal.abort();
    assert.equal(await tune(device, run, { keep: false, signal }), stopped);
    assert.equal(await tune(device, run, { keep: false, budget: 0 }), stopped);
    assert.is(device.choices.tuned, undefined);
    device.close();
  });
}

test("kernels for a GPU take nothing that was measured on the adapter", async () => {
  if (!hasWebGpu) return;
  const device = await openDevice("webgpu", { kernelsFor: "gpu" }) as WebGpuDevice;
  assert.is(device.choices.adapter.kind, "unknown");
  assert.is(device.choices.tuned, undefined);
  device.close();
});

test.run();
