/**
 * A trial of one call: its ways on the same numbers, checked against the reference, and timed.
 *
 * @module
 */
import type { TypedArray } from "../../dtype.ts";
import type { Candidate, Kernel } from "../../kernels/mod.ts";
import type { Device, Operand } from "../device.ts";
import type { TunableCall } from "./calls.ts";
import { numbersFor, release, upload } from "./operands.ts";

/** How far a result may be from the reference, as a share of the largest number there. */
const TOLERANCE = 1e-4;

/** What became of a way. */
export interface WayTrial {
  /** Its name. */
  readonly way: string;
  /** Median seconds of one call; null where it was not timed, or given up as clearly slower. */
  readonly seconds: number | null;
  /** Why it may not be chosen; null where it may. */
  readonly error: string | null;
}

/** A trial on a device. */
export class Trial {
  readonly #device: Device;
  readonly #call: TunableCall;
  readonly #inputs: readonly Operand[];
  readonly #state: readonly Operand[];
  readonly #data: readonly TypedArray[];

  constructor(device: Device, call: TunableCall) {
    this.#device = device;
    this.#call = call;
    this.#data = call.inputs.map(numbersFor);
    this.#inputs = upload(device, call.inputs, this.#data);
    this.#state = this.#newState(device);
  }

  /** What the call gives on another device. */
  async resultsOn(device: Device): Promise<readonly TypedArray[]> {
    const inputs = upload(device, this.#call.inputs, this.#data);
    try {
      return await this.#resultsOf(this.#call.kernel, inputs, device);
    } finally {
      release(inputs);
    }
  }

  /** Why a way is wrong; undefined where it is right. */
  async faultOf(way: Candidate, wanted: readonly TypedArray[]): Promise<string | undefined> {
    try {
      const got = await this.#resultsOf(this.#by(way), this.#inputs, this.#device);
      return difference(got, wanted);
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** A function that runs a way so many times and resolves to the milliseconds that it took. */
  timerOf(way: Candidate): (times: number) => Promise<number> {
    const kernel = this.#by(way), { params } = this.#call;
    return async (times) => {
      const start = performance.now();
      for (let i = 0; i < times; i++) {
        const results = this.#device.run(kernel, this.#inputs, params, this.#state);
        release(results.slice(this.#state.length));
      }
      await this.#device.sync();
      return performance.now() - start;
    };
  }

  /** Gives back what it made. */
  end(): void {
    release(this.#inputs);
    release(this.#state);
  }

  /** The kernel with one way only. */
  #by(way: Candidate): Kernel<unknown> {
    const { candidates: _, ...kernel } = this.#call.kernel as Kernel<unknown>;
    return { ...kernel, webgpu: () => way.program() };
  }

  #newState(device: Device): readonly Operand[] {
    const { kernel, outputs } = this.#call, specs = outputs.slice(0, kernel.updates ?? 0);
    return upload(device, specs, specs.map((spec, i) => numbersFor(spec, 100 + i)));
  }

  async #resultsOf(
    kernel: Kernel<unknown>,
    inputs: readonly Operand[],
    device: Device,
  ): Promise<readonly TypedArray[]> {
    const state = this.#newState(device);
    try {
      const results = device.run(kernel, inputs, this.#call.params, state);
      try {
        return await device.read(results.map(({ buffer }) => buffer));
      } finally {
        release(results.slice(state.length));
      }
    } finally {
      release(state);
    }
  }
}

/** How results differ from what is wanted; undefined where they are near enough. */
function difference(got: readonly TypedArray[], wanted: readonly TypedArray[]): string | undefined {
  for (let i = 0; i < wanted.length; i++) {
    const want = wanted[i]!, have = got[i]!;
    let worst = 0, most = 0;
    for (let k = 0; k < want.length; k++) {
      most = Math.max(most, Math.abs(want[k]!));
      const off = Math.abs(have[k]! - want[k]!);
      // NaN is far off, too.
      if (!(off <= worst)) worst = off;
    }
    if (worst <= TOLERANCE * Math.max(most, Number.MIN_VALUE)) continue;
    return `result ${i} is off by ${worst.toExponential(2)}, its largest number is ${
      most.toExponential(2)
    }`;
  }
  return undefined;
}
