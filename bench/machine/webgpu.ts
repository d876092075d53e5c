/**
 * Measures a GPU: the rate of multiply-adds that touch no memory, and of copying from memory to
 * memory. What kernels reach is compared with it.
 *
 * @module
 */
import type { Device, Operand } from "../../src/backend/mod.ts";
import { BackendError } from "../../src/errors.ts";
import type { Kernel } from "../../src/kernels/mod.ts";
import { sizeOf } from "../../src/shape.ts";
import { type Budget, measure } from "../harness/measure.ts";
import type { Limits } from "./share.ts";

/** Sums that an invocation keeps, each of four numbers: enough to hide how long one takes. */
const SUMS = 8;
/** Multiply-adds on each sum in a round. */
const STEPS = 8;
/** Operations of a round on one element. */
const PER_ROUND = SUMS * 4 * STEPS * 2;
/** Invocations of a workgroup. */
const GROUP = 256;
/** Workgroups at least, which fill what is slow; and at most, enough for all cores of what is fast. */
const FEWEST_GROUPS = 128, MOST_GROUPS = 8192;
/** At least, so that reading and writing count for nothing; and at most. */
const FEWEST_ROUNDS = 32, MOST_ROUNDS = 2 ** 20;
/** Numbers that are copied, 64 MiB: more than caches hold. */
const NUMBERS = 2 ** 24;
/** Milliseconds of a run, and of all runs of a loop. */
const BUDGET: Budget = { run: 10, total: 200 };

/** One call. */
const ONCE: Budget = { run: 0, total: 0 };

/**
 * For each x: rounds[0] rounds of s = s / 2 + x, on sums that begin at 0, and the sum of all sums.
 * How many rounds there are is read, so that no compiler can run them ahead of time.
 */
export const multiplyAdds: Kernel = {
  name: "multiplyAdds",
  outputs: ([x]) => [x!],
  reference([x, rounds], [y]) {
    x!.data.forEach((value, i) => {
      let sum = 0;
      for (let step = 0; step < rounds!.data[0]! * STEPS; step++) sum = sum * 0.5 + value;
      y!.data[i] = sum * SUMS * 4;
    });
  },
  webgpu([x]) {
    const each = (line: (k: number) => string, join = "\n") => {
      return Array.from({ length: SUMS }, (_, k) => line(k)).join(join);
    };
    const steps = Array.from(
      { length: STEPS },
      () => each((k) => `    s${k} = s${k} * half + add;`),
    );
    const code = `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> rounds: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(${GROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= ${sizeOf(x!.shape)}u) { return; }
  let add = vec4f(x[id.x]);
  let half = vec4f(0.5f);
${each((k) => `  var s${k} = vec4f(0.0f);`)}
  for (var round = 0u; round < rounds[0]; round++) {
${steps.join("\n")}
  }
  y[id.x] = dot(${each((k) => `s${k}`, " + ")}, vec4f(1.0f));
}
`;
    const workgroups = [Math.ceil(sizeOf(x!.shape) / GROUP), 1, 1] as const;
    return { dispatches: [{ code, operands: [0, 1, 2], workgroups }] };
  },
};

/** A copy of rows of four numbers. */
export const copyRows: Kernel = {
  name: "copyRows",
  outputs: ([x]) => [x!],
  reference: ([x], [y]) => y!.data.set(x!.data),
  webgpu([x]) {
    const rows = sizeOf(x!.shape) / 4, groups = Math.ceil(rows / GROUP);
    // Two dimensions, since one has at most 65,535 workgroups.
    const wide = Math.min(groups, 32768), high = Math.ceil(groups / wide);
    const code = `
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(${GROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * ${wide}u + group.x) * ${GROUP}u + local;
  if (i < ${rows}u) { y[i] = x[i]; }
}
`;
    return { dispatches: [{ code, operands: [0, 1], workgroups: [wide, high, 1] }] };
  },
};

/** What the device can do: the best of some runs, since it is a limit. Undefined where it fails. */
export async function measureGpu(device: Device): Promise<Limits | undefined> {
  try {
    return { peak: await peakOf(device), copy: await copyOf(device) };
  } catch (error) {
    // Then works fail, too, and say why.
    if (error instanceof BackendError) return undefined;
    throw error;
  }
}

async function peakOf(device: Device): Promise<number> {
  // More of them until a call fills a run: its launch and its last workgroups count for nothing then.
  for (let groups = FEWEST_GROUPS, rounds = FEWEST_ROUNDS;;) {
    const x = place(device, new Float32Array(groups * GROUP).fill(0.5));
    const words = Uint32Array.of(rounds);
    const count: Operand = { shape: [1], dtype: "u32", buffer: device.upload(words, "u32") };
    const run = () => device.run(multiplyAdds, [x, count], undefined);
    // The first call waits for the compiler.
    await bestOf(device, run, ONCE);
    const isLong = rounds >= MOST_ROUNDS || await bestOf(device, run, ONCE) >= BUDGET.run;
    const time = isLong ? await bestOf(device, run, BUDGET) : 0;
    x.buffer.release();
    count.buffer.release();
    if (isLong) return groups * GROUP * rounds * PER_ROUND / time * 1e-6;
    if (groups < MOST_GROUPS) groups *= 4;
    else rounds *= 4;
  }
}

async function copyOf(device: Device): Promise<number> {
  const x = place(device, new Float32Array(NUMBERS).fill(0.5));
  const time = await bestOf(device, () => device.run(copyRows, [x], undefined), BUDGET);
  x.buffer.release();
  // Read and written.
  return 2 * 4 * NUMBERS / time * 1e-6;
}

/** Milliseconds of the fastest call. */
async function bestOf(
  device: Device,
  run: () => readonly Operand[],
  budget: Budget,
): Promise<number> {
  const call = (): void => {
    for (const { buffer } of run()) buffer.release();
  };
  const { min } = await measure({ call, sync: () => device.sync() }, budget);
  return min;
}

function place(device: Device, data: Float32Array<ArrayBuffer>): Operand {
  return { shape: [data.length], dtype: "f32", buffer: device.upload(data, "f32") };
}
