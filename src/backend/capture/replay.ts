/**
 * A replay: the noted calls of a step with memory planned for them, made ready on the device.
 *
 * @module
 */
import type { Spec } from "../../kernels/mod.ts";
import type { DeviceBuffer } from "../buffer.ts";
import type { BoundCall, Device, Operand, PreparedCalls } from "../device.ts";
import { type Apart, partConstants } from "./constants.ts";
import { fuseChains } from "./fuse_chains.ts";
import { joinCalls } from "./join_calls.ts";
import { accessesOf, type Lifetime, lifetimesOf, liveBytes } from "./lifetimes.ts";
import { neededCalls } from "./needed.ts";
import type { Fill, NotedCall, Notes, ValueOperand } from "./notes.ts";
import { planMemory } from "./plan_memory.ts";
import { skipExpands } from "./skip_expands.ts";
import { totalBytes } from "./slots.ts";

/** What of a step is wanted after it. */
export interface Wanted {
  /** What it returns. */
  readonly results: readonly Operand[];
  /** Buffers that were made in the step and that others hold: gradients of parameters. */
  readonly kept: readonly DeviceBuffer[];
}

/** A step, to be run again with other arguments. */
export class Replay {
  /** What the step returns, unless a run is told where to put it; overwritten by the next run. */
  readonly results: readonly DeviceBuffer[];
  /** Which of the results a run can be told where to put. */
  readonly placeable: readonly boolean[];
  readonly #device: Device;
  readonly #notes: Notes;
  readonly #prepared: PreparedCalls;
  /** Which arguments the calls read. */
  readonly #read: readonly number[];
  /** Which results are made where a run says. */
  readonly #made: readonly number[];
  /** The arguments of this run, then where it puts results. */
  readonly #given: DeviceBuffer[] = [];
  /** Where arguments go that the step returns. */
  readonly #copies: { readonly index: number; readonly copy: DeviceBuffer }[] = [];
  readonly #hosts: { readonly buffer: DeviceBuffer; readonly fill: Fill; readonly data: Data }[] =
    [];
  readonly #updated: readonly DeviceBuffer[];
  /** Calls whose results stay until one of the buffers that they come from is written to. */
  readonly #once: readonly BoundCall[];
  readonly #sources: readonly DeviceBuffer[];
  readonly #versions: number[] = [];
  readonly #owned: DeviceBuffer[] = [];

  /** Takes the notes over. */
  constructor(device: Device, notes: Notes, { results, kept }: Wanted) {
    this.#device = device;
    this.#notes = notes;
    const places = results.map(({ buffer }) => notes.placeOf(buffer));
    for (const buffer of kept) this.#owned.push(buffer.retain());
    const fixed = new Set(kept.map((buffer) => notes.placeOf(buffer)));
    const wanted = new Set([...places, ...fixed]);
    const { once, always: calls, sources } = shortened(device, notes, wanted);
    const constants = this.#allocateResults(once);
    const buffers = this.#place(calls, { results: new Set(places), fixed, constants });
    const bind = ({ value, shape, dtype }: ValueOperand): Operand => {
      return { shape, dtype, buffer: buffers[value]! };
    };
    const bound = ({ kernel, params, inputs, outputs }: NotedCall): BoundCall => {
      return { kernel, params, inputs: inputs.map(bind), outputs: outputs.map(bind) };
    };
    this.#once = once.map(bound);
    this.#sources = sources.map((value) => buffers[value]!);
    this.#runOnce();
    const read = new Set(calls.flatMap(({ inputs }) => inputs.map(({ value }) => value)));
    const args = [...read].flatMap((value) => {
      const { origin, buffer } = notes.values[value]!;
      return origin.kind === "argument" && buffers[value] === buffer
        ? [{ index: origin.index, buffer }]
        : [];
    });
    this.#read = args.map(({ index }) => index);
    const made = new Set(calls.flatMap(({ kernel, outputs }) => {
      return outputs.slice(kernel.updates ?? 0).map(({ value }) => value);
    }));
    this.results = places.map((place) => buffers[place]!);
    this.placeable = places.map((place, at) => {
      return made.has(place) && !fixed.has(place) && places.indexOf(place) === at;
    });
    this.#made = [...places.keys()].filter((at) => this.placeable[at]);
    this.#prepared = device.prepare(calls.map(bound), [
      ...args.map(({ buffer }) => buffer),
      ...this.#made.map((at) => this.results[at]!),
    ]);
    this.#updated = [...new Set(calls.flatMap(({ outputs }) => outputs.map(({ value }) => value)))]
      .filter((value) => notes.values[value]!.origin.kind === "outside" || fixed.has(value))
      .map((value) => buffers[value]!);
  }

  /**
   * Runs the step. The arguments have the shapes and types that it was captured with. Results that
   * are placeable go to the buffers of the same place in `results`.
   */
  run(
    args: readonly { readonly buffer: DeviceBuffer }[],
    results: readonly DeviceBuffer[] = this.results,
  ): void {
    const hosts = this.#hosts, copies = this.#copies, updated = this.#updated;
    const read = this.#read, made = this.#made, given = this.#given;
    for (let i = 0; i < this.#sources.length; i++) {
      if (this.#sources[i]!.version !== this.#versions[i]) this.#runOnce();
    }
    for (let i = 0; i < hosts.length; i++) {
      const { buffer, fill, data } = hosts[i]!;
      fill(data);
      this.#device.write(buffer, data);
    }
    for (let i = 0; i < copies.length; i++) {
      const { index, copy } = copies[i]!;
      this.#device.copy(args[index]!.buffer, copy);
    }
    for (let i = 0; i < read.length; i++) given[i] = args[read[i]!]!.buffer;
    for (let i = 0; i < made.length; i++) given[read.length + i] = results[made[i]!]!;
    this.#prepared.run(given);
    for (let i = 0; i < updated.length; i++) updated[i]!.touch();
  }

  #runOnce(): void {
    for (const { kernel, inputs, params, outputs } of this.#once) {
      this.#device.run(kernel, inputs, params, outputs);
    }
    this.#sources.forEach(({ version }, i) => this.#versions[i] = version);
  }

  /** Gives everything back. */
  release(): void {
    this.#prepared.release();
    for (const buffer of this.#owned.splice(0)) buffer.release();
    this.#notes.release();
  }

  /** Buffers for the results of calls, by value. */
  #allocateResults(calls: readonly NotedCall[]): ReadonlyMap<number, DeviceBuffer> {
    return new Map(
      calls.flatMap(({ outputs }) => outputs).map((spec) => {
        return [spec.value, this.#allocate(spec)];
      }),
    );
  }

  /** The buffer of every value: its own, or a place in the planned memory. */
  #place(
    calls: readonly NotedCall[],
    { results, fixed, constants }: {
      readonly results: ReadonlySet<number>;
      readonly fixed: ReadonlySet<number>;
      readonly constants: ReadonlyMap<number, DeviceBuffer>;
    },
  ): readonly (DeviceBuffer | undefined)[] {
    const { values } = this.#notes;
    const lifetimes = lifetimesOf(values, calls, results);
    const gathered = gatheredBy(calls);
    const own = values.map((_, i) => i).filter((i) => {
      const { kind } = values[i]!.origin;
      return lifetimes[i] !== undefined && !fixed.has(i) && !constants.has(i) &&
        (kind === "made" || kind === "argument" && results.has(i));
    });
    const planned = own.filter((i) => !gathered.has(i) || results.has(i));
    const places = this.#reserve(calls, planned, planned.map((value) => lifetimes[value]!));
    const buffers: (DeviceBuffer | undefined)[] = values.map(({ buffer }, i) => {
      return constants.get(i) ?? buffer;
    });
    for (const value of own.filter((i) => gathered.has(i) && !results.has(i))) {
      const { dtype, size } = values[value]!.buffer;
      buffers[value] = this.#allocate({ shape: [size], dtype });
    }
    planned.forEach((value, i) => {
      const { dtype, size } = values[value]!.buffer, { buffer, offset } = places[i]!;
      buffers[value] = this.#own(this.#device.share(buffer, { shape: [size], dtype }, offset));
    });
    values.forEach(({ origin, buffer }, i) => {
      if (origin.kind === "argument" && results.has(i)) {
        this.#copies.push({ index: origin.index, copy: buffers[i]! });
      }
      // Also those that nobody reads: a stream of random numbers goes on with every draw.
      if (origin.kind === "host") {
        this.#hosts.push({ buffer, fill: origin.fill, data: origin.data });
      }
    });
    return buffers;
  }

  /** Where each planned value is to lie. */
  #reserve(
    calls: readonly NotedCall[],
    planned: readonly number[],
    lifetimes: readonly Lifetime[],
  ): readonly { readonly buffer: DeviceBuffer; readonly offset: number }[] {
    const { ledger, sharing } = this.#device;
    const slots = planMemory({ lifetimes, accesses: accessesOf(calls, planned), sharing });
    ledger.count("plannedBytes", totalBytes(slots));
    ledger.count("leastPlannedBytes", liveBytes(lifetimes));
    const buffers = slots.bytes.map((bytes) => this.#own(this.#device.reserve(bytes)));
    return planned.map((_, i) => {
      return { buffer: buffers[slots.slotOf[i]!]!, offset: slots.offsets[i]! };
    });
  }

  #allocate(spec: Spec): DeviceBuffer {
    return this.#own(this.#device.allocate(spec));
  }

  #own(buffer: DeviceBuffer): DeviceBuffer {
    this.#owned.push(buffer);
    return buffer;
  }
}

type Data = Parameters<Fill>[0];

/** The calls that are left of a step, with the same values for what is wanted. */
function shortened(
  { contracts, finishes }: Device,
  notes: Notes,
  wanted: ReadonlySet<number>,
): Apart {
  const calls = skipExpands(neededCalls(notes, wanted), wanted);
  const { once, always, sources } = partConstants(calls, notes.values, wanted);
  const fusing = { wanted, contracts, finishes };
  return { once, sources, always: fuseChains(finishes ? joinCalls(always) : always, fusing) };
}

/** What is read by kernels that go over tensors together: a device may want to move it. */
function gatheredBy(calls: readonly NotedCall[]): ReadonlySet<number> {
  return new Set(calls.flatMap(({ kernel: { spans }, inputs }) => {
    if (spans === undefined) return [];
    return inputs.flatMap(({ value }, at) => spans.includes(at) ? [] : [value]);
  }));
}
