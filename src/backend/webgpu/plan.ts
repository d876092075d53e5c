/**
 * A plan: calls that run again and again. Their pipelines, bind groups and scratch are made once; a
 * run is one loop over dispatches, all of them in one pass.
 *
 * @module
 */
import type { Ledger } from "../ledger.ts";
import type { BoundCall, PreparedCalls } from "../device.ts";
import type { DeviceBuffer } from "../buffer.ts";
import type { BindGroups } from "./bind_groups.ts";
import type { Call } from "./calls.ts";
import { mergeCalls } from "./merge_calls.ts";
import { checkAlias } from "./operands.ts";
import type { Pipeline } from "./pipelines.ts";
import type { BoundDispatch, Recorder } from "./recorder.ts";
import type { Slot, View } from "./slot.ts";

/** What a plan needs of its device. */
export interface Host {
  readonly recorder: Recorder;
  readonly groups: BindGroups;
  readonly ledger: Ledger;
  callOf(call: BoundCall): Call;
  viewOf(act: string, buffer: DeviceBuffer, bytes: number): View;
  allocate(bytes: number): DeviceBuffer;
  /** Throws when the device is gone, or when what a slot holds was never computed. */
  check(act: string, needed: readonly Slot[]): void;
}

/** Calls with everything that they need. */
export class Plan implements PreparedCalls {
  readonly #host: Host;
  readonly #pipelines: ReadonlySet<Pipeline>;
  readonly #dispatches: readonly BoundDispatch[];
  readonly #kernels: ReadonlyMap<string, number>;
  /** Slots whose contents come from before the plan. */
  readonly #needed: readonly Slot[];
  readonly #used: readonly Slot[];
  readonly #written: readonly Slot[];
  readonly #scratch: readonly DeviceBuffer[];

  constructor(host: Host, given: readonly BoundCall[]) {
    this.#host = host;
    const bound = mergeCalls(given);
    const calls = bound.map((call) => host.callOf(call));
    this.#scratch = scratchOf(calls).map((bytes) => host.allocate(bytes));
    const needed = new Set<Slot>(), used = new Set<Slot>(), written = new Set<Slot>();
    const kernels = new Map<string, number>(), pipelines = new Set<Pipeline>();
    this.#dispatches = bound.flatMap(({ kernel, inputs, outputs }, i): BoundDispatch[] => {
      const call = calls[i]!, { name } = kernel;
      const read = inputs.map(({ buffer }, at) => {
        return host.viewOf(name, buffer, call.inputBytes[at]!);
      });
      const made = outputs.map(({ buffer }, at) => {
        return host.viewOf(name, buffer, call.outputBytes[at]!);
      });
      const others = [...read];
      for (const view of made) {
        checkAlias(name, view, others);
        others.push(view);
      }
      for (const { slot } of [...read, ...made.slice(0, kernel.updates ?? 0)]) {
        if (!written.has(slot)) needed.add(slot);
      }
      const views = [
        ...others,
        ...call.scratchBytes.map((bytes, at) => {
          return host.viewOf(name, this.#scratch[at]!, this.#scratch[at]!.size * 4).slot.view(
            bytes,
          );
        }),
      ];
      views.forEach(({ slot }, at) => {
        used.add(slot);
        if (at >= read.length) written.add(slot);
      });
      kernels.set(name, (kernels.get(name) ?? 0) + 1);
      return call.steps.map(({ pipeline, operands, workgroups }) => {
        pipelines.add(pipeline);
        const group = host.groups.get(pipeline.layout, operands.map((at) => views[at]!));
        return { pipeline: pipeline.gpu, group, workgroups };
      });
    });
    this.#kernels = kernels;
    this.#pipelines = pipelines;
    this.#needed = [...needed];
    this.#used = [...used];
    this.#written = [...written];
  }

  run(): void {
    const { recorder, ledger } = this.#host;
    this.#host.check("replay", this.#needed);
    for (const { error } of this.#pipelines) if (error !== undefined) throw error;
    const { batch } = recorder;
    recorder.dispatchAll(this.#dispatches);
    for (const slot of this.#used) slot.batch = batch;
    for (const slot of this.#written) slot.written = batch;
    for (const [kernel, times] of this.#kernels) ledger.call(kernel, times);
    ledger.count("dispatches", this.#dispatches.length);
  }

  release(): void {
    for (const buffer of this.#scratch) buffer.release();
  }
}

/** Bytes of scratch that serve all calls, one after the other. */
function scratchOf(calls: readonly Call[]): readonly number[] {
  const most: number[] = [];
  for (const { scratchBytes } of calls) {
    scratchBytes.forEach((bytes, at) => most[at] = Math.max(most[at] ?? 0, bytes));
  }
  return most;
}
