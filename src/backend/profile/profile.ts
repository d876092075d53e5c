/**
 * The counting device: what one step asks of a device, and how long the host takes to ask it.
 *
 * @module
 */
import { BackendError } from "../../errors.ts";
import type { BackendName, Device } from "../device.ts";
import type { Ledger } from "../ledger.ts";
import { type KernelCall, watch } from "./watch.ts";

/** How to profile. */
export interface ProfileOptions {
  /** Steps before the one that is counted: a captured function replays from its third. Default 3. */
  readonly warmup?: number;
  /** Steps that are timed, after the one that is counted. Default 10. */
  readonly steps?: number;
  /** Hears of every step. */
  readonly onProgress?: (progress: ProfileProgress) => void;
}

/** How far a profile is. */
export interface ProfileProgress {
  /** What the steps are for. */
  readonly label: string;
  /** Steps so far. */
  readonly done: number;
  /** Steps in all. */
  readonly total: number;
  /** Empty: figures come at the end. */
  readonly figures: Readonly<Record<string, number>>;
}

/** GPU time of the dispatches of a kernel in one step. */
export interface KernelTime {
  /** Name of the kernel. */
  readonly kernel: string;
  /** Its dispatches. */
  readonly dispatches: number;
  /** Their GPU time together, each measured in a pass of its own, with its start and end. */
  readonly seconds: number;
}

/** Counts of one step. What only a GPU has is 0 on the other backends. */
export interface StepCounts {
  /** Kernel calls. */
  readonly kernelCalls: number;
  /** Runs of a compute shader. */
  readonly dispatches: number;
  /** Compute passes. */
  readonly passes: number;
  /** Submits to the queue. */
  readonly submits: number;
  /** GPU buffers made: not those taken from the pool. */
  readonly buffersMade: number;
  /** Bind groups made. */
  readonly bindGroupsMade: number;
  /** Pipelines made. */
  readonly pipelinesMade: number;
  /** Writes from the host into buffers of the GPU. */
  readonly writes: number;
  /** Bytes from the host to the device. */
  readonly bytesWritten: number;
  /** Bytes from the device to the host. */
  readonly bytesRead: number;
  /** Waits for data of the device. */
  readonly readbacks: number;
}

/** What one step costs. */
export interface StepProfile {
  /** Kind of device. */
  readonly backend: BackendName;
  /** What the device is, for people. */
  readonly description: string;
  /** Counts of one step. */
  readonly counts: StepCounts;
  /** Calls of every kernel, by name. */
  readonly kernels: Readonly<Record<string, number>>;
  /**
   * Median time until everything is submitted, in seconds. Reference and cpu compute meanwhile;
   * a step that waits for the device waits in this time too.
   */
  readonly hostSeconds: number;
  /** The least of these times: what is left when nothing else keeps the processor busy. */
  readonly leastHostSeconds: number;
  /** The median for one dispatch; null where there is none. */
  readonly hostSecondsPerDispatch: number | null;
  /** Median time until the device is done, in seconds. */
  readonly seconds: number;
  /** GPU time by kernel, longest first; null where the adapter has no timestamps. */
  readonly gpuTimes: readonly KernelTime[] | null;
  /** The kernel calls of the step, for `kernelReport`. */
  readonly calls: readonly KernelCall[];
  /**
   * How many more kernel calls the device counted than stand in `calls`: those of lists that were
   * prepared earlier. Else 0.
   */
  readonly unseenCalls: number;
}

/**
 * Profiles a step: runs it a few times to warm up, once to count, and some more times to measure.
 * The step gives back what it makes. A captured function should not have been replayed before:
 * what was prepared earlier is counted, but its calls cannot be listed.
 *
 * @example
 * ```ts
 * import { openDevice, profile, tensor, tidy } from "tapegrad";
 * const device = await openDevice("reference");
 * const x = tensor([1, 2, 3], { device });
 * const { counts } = await profile(device, () => tidy(() => void x.square().sum()));
 * counts.kernelCalls; // 2
 * ```
 * @throws RangeError for counts that cannot be; BackendError inside of a captured function.
 */
export async function profile(
  device: Device,
  step: () => unknown,
  { warmup = 3, steps = 10, onProgress }: ProfileOptions = {},
): Promise<StepProfile> {
  checkWhole("warmup", warmup, 0);
  checkWhole("steps", steps, 1);
  if (device.observer !== undefined) {
    throw new BackendError(
      "Cannot profile a step inside of a captured function: profile the captured function itself",
    );
  }
  const { ledger, backend, description } = device;
  await device.sync();
  const total = warmup + steps + 2;
  let done = 0;
  const tell = (label: string): void => onProgress?.({ label, done: ++done, total, figures: {} });
  const seen = watch(device);
  let before: Snapshot, after: Snapshot;
  try {
    for (let i = 0; i < warmup; i++) {
      await timed(device, step);
      tell("warm up");
    }
    seen.clear();
    before = snapshot(ledger);
    await timed(device, step);
    after = snapshot(ledger);
    tell("count");
  } finally {
    seen.stop();
  }
  const times: Times[] = [];
  for (let i = 0; i < steps; i++) {
    times.push(await timed(device, step));
    tell("time");
  }
  const gpuTimes = byKernel(await device.timeDispatches?.(step));
  tell("GPU time");

  const made = (name: string): number => difference(before.counters, after.counters, name);
  const kernels = [...after.calls.keys()].flatMap((name): [string, number][] => {
    const times = difference(before.calls, after.calls, name);
    return times === 0 ? [] : [[name, times]];
  });
  const kernelCalls = kernels.reduce((sum, [, times]) => sum + times, 0);
  const dispatches = made("dispatches");
  const hostSeconds = median(times.map(({ host }) => host)) / 1000;
  const onGpu = backend === "webgpu";
  return {
    backend,
    description,
    counts: {
      kernelCalls,
      dispatches,
      passes: made("passes"),
      submits: made("submits"),
      buffersMade: made("buffersMade") + made("stagingBuffersMade"),
      bindGroupsMade: made("bindGroups"),
      pipelinesMade: made("pipelines"),
      writes: made("writes"),
      // A GPU device may also write and read behind these doors, so it counts by itself.
      bytesWritten: onGpu ? made("bytesWritten") : seen.bytesWritten,
      bytesRead: onGpu ? made("bytesRead") : seen.bytesRead,
      readbacks: after.readbacks - before.readbacks,
    },
    kernels: Object.fromEntries(kernels),
    hostSeconds,
    leastHostSeconds: Math.min(...times.map(({ host }) => host)) / 1000,
    hostSecondsPerDispatch: dispatches === 0 ? null : hostSeconds / dispatches,
    seconds: median(times.map(({ whole }) => whole)) / 1000,
    gpuTimes,
    calls: [...seen.calls],
    unseenCalls: kernelCalls - seen.calls.length,
  };
}

function byKernel(
  times: readonly { readonly kernel: string; readonly seconds: number }[] | undefined,
): readonly KernelTime[] | null {
  if (times === undefined) return null;
  const sums = new Map<string, KernelTime>();
  for (const { kernel, seconds } of times) {
    const sum = sums.get(kernel) ?? { kernel, dispatches: 0, seconds: 0 };
    const more = { dispatches: sum.dispatches + 1, seconds: sum.seconds + seconds };
    sums.set(kernel, { kernel, ...more });
  }
  return [...sums.values()].sort((a, b) => b.seconds - a.seconds);
}

/** Milliseconds of one step. */
interface Times {
  readonly host: number;
  readonly whole: number;
}

async function timed(device: Device, step: () => unknown): Promise<Times> {
  const start = performance.now();
  const result = step();
  if (result instanceof Promise) await result;
  // sync() submits at once, and then waits.
  const done = device.sync();
  const host = performance.now() - start;
  await done;
  return { host, whole: performance.now() - start };
}

interface Snapshot {
  readonly calls: ReadonlyMap<string, number>;
  readonly counters: ReadonlyMap<string, number>;
  readonly readbacks: number;
}

function snapshot({ calls, counters, readbacks }: Ledger): Snapshot {
  return { calls: new Map(calls), counters: new Map(counters), readbacks };
}

type Counts = ReadonlyMap<string, number>;

function difference(before: Counts, after: Counts, name: string): number {
  return (after.get(name) ?? 0) - (before.get(name) ?? 0);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b), middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function checkWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(
    `Cannot profile a step with ${name} ${value}: it must be a whole number >= ${least}`,
  );
}
