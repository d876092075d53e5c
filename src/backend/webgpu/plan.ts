/**
 * A plan: calls that run again and again. Their pipelines, bind groups and scratch are made once; a
 * run is one loop over dispatches, all of them in one pass.
 *
 * @module
 */
import type { DeviceBuffer } from "../buffer.ts";
import type { BoundCall, PreparedCalls } from "../device.ts";
import type { Ledger } from "../ledger.ts";
import type { BindGroups } from "./bind_groups.ts";
import type { Call } from "./calls.ts";
import { mergeCalls } from "./merge_calls.ts";
import type { Pipeline } from "./pipelines.ts";
import { PlannedCall } from "./planned_call.ts";
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
  /** Throws when the device is gone. */
  checkOpen(act: string): void;
  /** Throws when what a slot holds was never computed. */
  checkSlot(act: string, slot: Slot): void;
}

/** What a plan is made of. */
export interface Given {
  readonly calls: readonly BoundCall[];
  /** Buffers that stand for the arguments of a run. */
  readonly args: readonly DeviceBuffer[];
}

/** Calls with everything that they need. */
export class Plan implements PreparedCalls {
  readonly calls: readonly BoundCall[];
  readonly #host: Host;
  readonly #pipelines: ReadonlySet<Pipeline>;
  readonly #dispatches: BoundDispatch[] = [];
  /** Calls that read or make arguments, and where their dispatches begin. */
  readonly #late: { readonly call: PlannedCall; readonly begin: number }[] = [];
  readonly #kernels: Map<string, number> = new Map();
  /** Slots whose contents come from before the plan. */
  readonly #needed: Set<Slot> = new Set();
  readonly #used: Set<Slot> = new Set();
  readonly #written: Set<Slot> = new Set();
  readonly #scratch: readonly DeviceBuffer[];

  constructor({ calls: given, args }: Given, host: Host) {
    this.#host = host;
    const bound = this.calls = mergeCalls(given), calls = bound.map((call) => host.callOf(call));
    this.#pipelines = new Set(calls.flatMap(({ steps }) => steps.map(({ pipeline }) => pipeline)));
    const scratch = scratchOf(calls).map((bytes) => host.allocate(bytes));
    this.#scratch = scratch;
    const { groups, viewOf } = host;
    let begin = 0;
    bound.forEach((one, i) => {
      const call = new PlannedCall(one, calls[i]!, { groups, args, scratch, viewOf });
      this.#note(call);
      if (call.takesArguments) this.#late.push({ call, begin });
      this.#dispatches.push(...call.dispatches);
      begin += calls[i]!.steps.length;
      // Where arguments come, the places stay free.
      this.#dispatches.length = begin;
    });
  }

  run(given: readonly DeviceBuffer[]): void {
    const { recorder, ledger } = this.#host;
    this.#check();
    recorder.makeRoom(this.#dispatches.length);
    for (const { call, begin } of this.#late) {
      if (call.bind(given)) {
        call.dispatches.forEach((dispatch, i) => this.#dispatches[begin + i] = dispatch);
      }
      for (const { slot } of call.bound(false)) {
        if (slot.written !== recorder.batch) this.#host.checkSlot("replay", slot);
        slot.batch = recorder.batch;
      }
      for (const { slot } of call.bound(true)) slot.batch = slot.written = recorder.batch;
    }
    for (const slot of this.#used) slot.batch = recorder.batch;
    for (const slot of this.#written) slot.written = recorder.batch;
    recorder.dispatchAll(this.#dispatches);
    for (const [kernel, times] of this.#kernels) ledger.call(kernel, times);
    ledger.count("dispatches", this.#dispatches.length);
  }

  release(): void {
    for (const buffer of this.#scratch) buffer.release();
  }

  #note({ kernel, read, written }: PlannedCall): void {
    this.#kernels.set(kernel, (this.#kernels.get(kernel) ?? 0) + 1);
    for (const { slot } of read) {
      this.#used.add(slot);
      if (!this.#written.has(slot)) this.#needed.add(slot);
    }
    for (const { slot } of written) {
      this.#used.add(slot);
      this.#written.add(slot);
    }
  }

  #check(): void {
    this.#host.checkOpen("replay");
    for (const { error } of this.#pipelines) if (error !== undefined) throw error;
    for (const slot of this.#needed) this.#host.checkSlot("replay", slot);
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
