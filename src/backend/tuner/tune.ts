/**
 * The tuner: measures the ways of the kernel calls of a step on this very adapter, and keeps the
 * fastest of those that are right.
 *
 * @module
 */
import { BackendError } from "../../errors.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import type { Device } from "../device.ts";
import { openDevice } from "../open.ts";
import { profile } from "../profile/mod.ts";
import type { Choice } from "../webgpu/choices/choices.ts";
import { saveTuned } from "../webgpu/choices/store.ts";
import { WebGpuDevice } from "../webgpu/device.ts";
import { type TunableCall, tunableCalls } from "./calls.ts";
import { measure, sampleLength } from "./measure.ts";
import { Trial, type WayTrial } from "./trial.ts";

/** How to tune. */
export interface TuneOptions {
  /**
   * Seconds after which no further call is measured; what was found is kept. Default: no limit.
   */
  readonly budget?: number;
  /** Whether the choices are kept for later, beside those of other adapters. Default true. */
  readonly keep?: boolean;
  /** Stops after the call that is being measured; what was found is kept. */
  readonly signal?: AbortSignal;
  /** Hears of every call. */
  readonly onProgress?: (progress: TuneProgress) => void;
}

/** How far a tuner is. */
export interface TuneProgress {
  /** Calls that are measured. */
  readonly done: number;
  /** Calls that there are. */
  readonly total: number;
  /** The call that comes next. */
  readonly label: string;
  /** Empty: there are no figures yet. */
  readonly figures: Readonly<Record<string, number>>;
}

/** What was found for a call. */
export interface TunedCall {
  /** Name of the kernel. */
  readonly kernel: string;
  /** Shapes of its operands: "[64,32] [32,10]". */
  readonly shapes: string;
  /** The way that was taken before. */
  readonly before: string;
  /** The way that is taken from now on. */
  readonly chosen: string;
  /** All that were tried, the one from before first. */
  readonly ways: readonly WayTrial[];
}

/** What a tuner did. */
export interface TuneReport {
  /** What was measured. */
  readonly calls: readonly TunedCall[];
  /** Calls that were left out when the budget was used up or somebody stopped it. */
  readonly left: number;
  /** Where the choices are kept; null where they are not. */
  readonly kept: string | null;
}

/** Operations up to which the reference is quick enough; above, the cpu backend checks. */
const SLOW = 2 ** 28;
/** What a way must gain to replace the one that is taken. */
const GAIN = 0.97;

/**
 * Tunes a device for a step: runs the step a few times to see its kernel calls, tries the best ways
 * of each call, checks them against the reference and takes the fastest. Functions that were captured
 * before keep the kernels that they have; the step should therefore capture anew, or not at all.
 *
 * @example
 * ```ts
 * import { openDevice, rand, RandomStream, tidy, tune } from "tapegrad";
 * const device = await openDevice();
 * const a = rand([512, 512], { random: new RandomStream(1), device });
 * if (device.backend === "webgpu") {
 *   const { calls } = await tune(device, () => tidy(() => void a.matmul(a)));
 *   calls[0]?.chosen; // "blocked 64x64x16, 8x4 each"
 * }
 * ```
 * @throws BackendError for devices of other backends.
 */
export async function tune(
  device: Device,
  step: () => unknown,
  { budget = Infinity, keep = true, signal, onProgress }: TuneOptions = {},
): Promise<TuneReport> {
  const { choices } = chooserOf(device);
  const end = performance.now() + budget * 1000;
  const { calls } = await profile(device, step, { steps: 1 });
  const tunable = tunableCalls(calls, choices);
  const found = new Map(choices.tuned?.choices), tuned: TunedCall[] = [];
  const judge = new Judge();
  try {
    for (const [done, call] of tunable.entries()) {
      if (signal?.aborted || performance.now() >= end) break;
      onProgress?.({ done, total: tunable.length, label: nameOf(call), figures: {} });
      const result = await tuneCall(device, call, judge);
      tuned.push(result);
      found.set(call.key, { way: result.chosen, among: call.among } satisfies Choice);
    }
    onProgress?.({ done: tuned.length, total: tunable.length, label: "", figures: {} });
  } finally {
    judge.close();
  }
  if (tuned.length === 0) return { calls: [], left: tunable.length, kept: null };
  choices.change({ measured: new Date().toISOString(), choices: found });
  const kept = keep ? await saveTuned(choices.adapter.key, choices.tuned) : undefined;
  return { calls: tuned, left: tunable.length - tuned.length, kept: kept ?? null };
}

/**
 * Forgets what was measured on the adapter of a device, here and where it is kept.
 *
 * @throws BackendError for devices of other backends.
 */
export async function forgetTuning(device: Device): Promise<void> {
  const { choices } = chooserOf(device);
  choices.change(undefined);
  await saveTuned(choices.adapter.key, undefined);
}

function chooserOf(device: Device): WebGpuDevice {
  if (device instanceof WebGpuDevice) return device;
  throw new BackendError(
    `Cannot tune ${device.description}: only WebGPU devices choose between kernels, open "webgpu"`,
  );
}

/** The devices that say what is right. */
class Judge {
  readonly #open = new Map<"reference" | "cpu", Device>();

  async resultsOf(trial: Trial, { kernel, inputs, outputs, params }: TunableCall) {
    const size = outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const flops = kernel.flops?.(inputs, outputs, params) ?? size;
    const choice = flops > SLOW ? "cpu" : "reference";
    const device = this.#open.get(choice) ?? await openDevice(choice);
    this.#open.set(choice, device);
    return await trial.resultsOn(device);
  }

  close(): void {
    for (const device of this.#open.values()) device.close();
  }
}

async function tuneCall(device: Device, call: TunableCall, judge: Judge): Promise<TunedCall> {
  const trial = new Trial(device, call);
  try {
    const wanted = await judge.resultsOf(trial, call);
    const faults: (string | undefined)[] = [];
    for (const way of call.ways) faults.push(await trial.faultOf(way, wanted));
    const right = call.ways.filter((_, i) => faults[i] === undefined);
    const times = await measure(right.map((way) => trial.timerOf(way)), await sample(device));
    const seconds = new Map(right.map(({ name }, i) => [name, times[i]]));
    const ways = call.ways.map(({ name }, i): WayTrial => {
      const time = seconds.get(name);
      return {
        way: name,
        seconds: time === undefined ? null : time / 1000,
        error: faults[i] ?? null,
      };
    });
    return {
      kernel: call.kernel.name,
      shapes: shapesOf(call),
      before: ways[0]!.way,
      chosen: best(ways, call),
      ways,
    };
  } finally {
    trial.end();
  }
}

/** The fastest, where it gains enough; the one from before must be right to stay. */
function best(ways: readonly WayTrial[], call: TunableCall): string {
  const timed = ways.filter(({ seconds }) => seconds !== null);
  if (timed.length === 0) {
    throw new BackendError(
      `Cannot tune ${nameOf(call)}: no way gives the results of the reference (${
        ways.map(({ way, error }) => `${way}: ${error}`).join("; ")
      })`,
      { kernel: call.kernel.name },
    );
  }
  const [before] = ways;
  const fastest = timed.reduce((a, b) => b.seconds! < a.seconds! ? b : a);
  const stays = before!.seconds !== null && fastest.seconds! > GAIN * before!.seconds;
  return stays ? before!.way : fastest.way;
}

async function sample(device: Device): Promise<number> {
  const start = performance.now();
  await device.sync();
  return sampleLength(performance.now() - start);
}

function nameOf(call: TunableCall): string {
  return `${call.kernel.name} ${shapesOf(call)}`;
}

function shapesOf({ inputs }: TunableCall): string {
  return inputs.map(({ shape }) => formatShape(shape)).join(" ");
}
