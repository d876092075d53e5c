// What a dispatch costs the host, ours in a captured step beside WebGPU with nothing on top, in turns:
// npx tsx bench/launch.ts, without a GPU with --software.

import process from "node:process";
import { requestGpu } from "#platform";
import { openDevice } from "../src/backend/mod.ts";
import { RandomStream } from "../src/random.ts";
import { tidy } from "../src/scope.ts";
import { capture, randn, type Tensor } from "../src/tensor/mod.ts";
import { formatNumber } from "./harness/format.ts";
import { enterSoftwareEnvironment } from "./harness/software.ts";

/** Dispatches of a step, and steps that count. */
const DISPATCHES = 100, STEPS = 300, WARM_UP = 20;

const WORDS = 64, STORAGE_AND_COPIES = 0x8c;

/** Milliseconds until everything is submitted; waits for the end afterwards. */
type Step = () => Promise<number>;

/** One product after the other, each a dispatch, replayed. */
async function ours(): Promise<Step> {
  const device = await openDevice("webgpu"), random = new RandomStream(1);
  const weights = randn([4, 4], { random, device }), x = randn([1, 4], { random, device });
  const chain = capture((x: Tensor) => {
    let y = x;
    for (let i = 0; i < DISPATCHES; i++) y = y.matmul(weights);
    return y;
  });
  return async () => {
    const start = performance.now();
    tidy(() => void chain(x));
    const done = device.sync(), host = performance.now() - start;
    await done;
    return host;
  };
}

/** The same number of dispatches of a sum, with all objects made before. */
async function bare(): Promise<Step> {
  const adapter = await (await requestGpu()).requestAdapter(),
    device = await adapter!.requestDevice();
  const code = `@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
@compute @workgroup_size(${WORDS})
fn main(@builtin(local_invocation_index) i: u32) { c[i] = a[i] + b[i]; }`;
  const module = device.createShaderModule({ code });
  const compute = { module, entryPoint: "main" };
  const pipeline = device.createComputePipeline({ layout: "auto", compute });
  const buffers = Array.from({ length: DISPATCHES + 2 }, () => {
    return device.createBuffer({ size: 4 * WORDS, usage: STORAGE_AND_COPIES });
  });
  const groups = Array.from({ length: DISPATCHES }, (_, i) => {
    const bound = [buffers[i]!, buffers[DISPATCHES + 1]!, buffers[i + 1]!];
    const entries = bound.map((buffer, binding) => ({ binding, resource: { buffer } }));
    return device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  });
  return async () => {
    const start = performance.now();
    const encoder = device.createCommandEncoder(), pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    for (const group of groups) {
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(1);
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
    const done = device.queue.onSubmittedWorkDone(), host = performance.now() - start;
    await done;
    return host;
  };
}

if (process.argv.includes("--software")) await enterSoftwareEnvironment();
const steps = [await ours(), await bare()] as const;
const times = steps.map((): number[] => []);
for (let turn = -WARM_UP; turn < STEPS; turn++) {
  for (const [i, step] of steps.entries()) {
    const milliseconds = await step();
    if (turn >= 0) times[i]!.push(milliseconds);
  }
}
const [own, floor] = times.map((all) => {
  return 1000 * all.sort((a, b) => a - b)[STEPS >> 1]! / DISPATCHES;
}) as [number, number];
console.log(
  `ours ${formatNumber(own)} µs, bare WebGPU ${formatNumber(floor)} µs a dispatch: ` +
    `${formatNumber(own / floor)} x`,
);
process.exit();
