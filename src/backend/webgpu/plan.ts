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
import { DeferredSums, type MergedSums } from "./deferred_sums.ts";
import { type Gather, mergeCalls } from "./merge_calls.ts";
import type { Pipeline } from "./pipelines.ts";
import { type Binding, PlannedCall } from "./planned_call.ts";
import type { BoundDispatch, Recorder } from "./recorder.ts";
import type { Slot, View } from "./slot.ts";

/** What a plan needs of its device. */
export interface Host {
  readonly recorder: Recorder;
  readonly groups: BindGroups;
  readonly ledger: Ledger;
  callOf(call: BoundCall): Call;
  viewOf(act: string, buffer: DeviceBuffer, bytes: number): View;
  reserve(bytes: number): DeviceBuffer;
  readonly gather: Gather;
  /** The pipeline of a shader that belongs to several calls. */
  pipelineOf(name: string, code: string, readOnly: readonly boolean[]): Pipeline;
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
  readonly #args: readonly DeviceBuffer[];
  readonly #pipelines: Set<Pipeline> = new Set();
  readonly #dispatches: BoundDispatch[] = [];
  /** Calls that read or make arguments, and where their dispatches begin. */
  readonly #late: { readonly call: PlannedCall; readonly begin: number }[] = [];
  readonly #kernels: Map<string, number> = new Map();
  /** Slots whose contents come from before the plan. */
  readonly #needed: Set<Slot> = new Set();
  readonly #used: Set<Slot> = new Set();
  readonly #written: Set<Slot> = new Set();
  readonly #scratch: readonly DeviceBuffer[];
  readonly #deferred: DeferredSums;
  /** Where operands lay when they were bound; another plan may gather them elsewhere. */
  readonly #bound: Map<DeviceBuffer, unknown> = new Map();

  constructor({ calls, args }: Given, host: Host) {
    this.#host = host;
    this.#args = args;
    this.calls = mergeCalls(calls, host.gather);
    const made = this.calls.map((call) => host.callOf(call));
    this.#scratch = scratchOf(made).map((bytes) => host.reserve(bytes));
    this.#deferred = new DeferredSums(made, host);
    for (const { kernel: { name } } of this.calls) {
      this.#kernels.set(name, (this.#kernels.get(name) ?? 0) + 1);
    }
    host.ledger.count("dispatchesBeside", this.#bind());
  }

  run(given: readonly DeviceBuffer[]): void {
    const { recorder, ledger } = this.#host;
    if (this.#hasMoved()) this.#bind();
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
    this.#deferred.release();
  }

  /** Finds the bind groups of all calls; tells how many dispatches read beside what they write. */
  #bind(): number {
    let beside = 0;
    const { groups, viewOf, callOf, pipelineOf } = this.#host;
    const scratchOf = (at: number, bytes: number): View => {
      const buffer = this.#scratch[at]!;
      return viewOf("plan", buffer, buffer.size * 4).slot.view(bytes);
    };
    const binding: Binding = { groups, args: this.#args, scratchOf, viewOf, pipelineOf };
    this.#dispatches.length = this.#late.length = 0;
    for (const known of [this.#needed, this.#used, this.#written, this.#bound]) known.clear();
    for (const bound of this.calls) {
      const whole = callOf(bound), parts = this.#deferred.take(bound, whole, binding);
      const call = parts ?? new PlannedCall(bound, whole, binding);
      this.#append(this.#deferred.dueFor(call));
      if (parts !== undefined) this.#deferred.defer(bound, whole, parts);
      const begin = this.#dispatches.length;
      beside += call.beside;
      this.#note(call);
      for (const pipeline of call.pipelines) this.#pipelines.add(pipeline);
      if (call.takesArguments) this.#late.push({ call, begin });
      this.#dispatches.push(...call.dispatches);
      // Where arguments come, the places stay free.
      this.#dispatches.length = begin + call.length;
      for (const { buffer } of [...bound.inputs, ...bound.outputs]) {
        this.#bound.set(buffer, buffer.handle);
      }
    }
    this.#append(this.#deferred.rest());
    return beside;
  }

  #append(sums: readonly MergedSums[]): void {
    for (const { pipeline, dispatch } of sums) {
      this.#pipelines.add(pipeline);
      this.#dispatches.push(dispatch);
    }
  }

  #hasMoved(): boolean {
    for (const [buffer, handle] of this.#bound) if (buffer.handle !== handle) return true;
    return false;
  }

  #note({ read, written }: PlannedCall): void {
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
