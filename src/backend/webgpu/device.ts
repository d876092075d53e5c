/**
 * The WebGPU device: kernels as compute shaders, recorded now and run when somebody waits.
 *
 * @module
 */
import { AHEAD, needsNudge } from "#platform";
import type { DType, TypedArray } from "../../dtype.ts";
import { BackendError, DisposedError } from "../../errors.ts";
import { cast, type Kernel, type Spec } from "../../kernels/mod.ts";
import { sizeOf } from "../../shape.ts";
import { DeviceBuffer } from "../buffer.ts";
import type { BoundCall, Device, Observer, Operand, PreparedCalls } from "../device.ts";
import { Ledger } from "../ledger.ts";
import { BindGroups } from "./bind_groups.ts";
import { type Call, Calls } from "./calls.ts";
import { Choices } from "./choices/choices.ts";
import { Faults } from "./faults.ts";
import { checkUpdates } from "../updates.ts";
import { checkAlias, checkHost, lostError, viewOf } from "./operands.ts";
import { Gatherer } from "./gather.ts";
import { type DispatchTime, PassTimer } from "./pass_timer.ts";
import { nudge } from "./nudge.ts";
import { Pipelines } from "./pipelines.ts";
import { Plan } from "./plan.ts";
import { Pool } from "./pool.ts";
import { Readback } from "./readback.ts";
import { Recorder } from "./recorder.ts";
import type { Slot, View } from "./slot.ts";

/** What an opened adapter is. */
interface About {
  readonly description: string;
  readonly software: boolean;
  /** What kernels are chosen by. Default: by whether it is software. */
  readonly choices?: Choices;
  /** Opens the adapter again after a loss. Default: a lost device cannot be restored. */
  readonly reopen?: () => Promise<GPUDevice>;
}

/** Runs kernels on a GPU. */
export class WebGpuDevice implements Device {
  readonly backend = "webgpu";
  readonly description: string;
  /** Whether the adapter runs on the CPU. */
  readonly software: boolean;
  /** Which of their ways kernels take here. */
  readonly choices: Choices;
  readonly dtypes: readonly DType[] = ["f32", "i32", "u32"];
  readonly ledger: Ledger = new Ledger();
  readonly contracts = true;
  readonly finishes = true;
  // A GPUBuffer that is read and written in one dispatch must be bound as writable for both.
  readonly sharing = "apart";
  observer: Observer | undefined;
  #generation = 0;
  #gpu!: GPUDevice;
  #faults!: Faults;
  #recorder!: Recorder;
  #pool!: Pool;
  #calls!: Calls;
  #groups!: BindGroups;
  #gatherer!: Gatherer;
  #readback!: Readback;
  #ahead: Promise<undefined>[] = [];
  #closed = false;
  readonly #reopen: About["reopen"];
  #restoring: Promise<void> | undefined;

  constructor(gpu: GPUDevice, about: About) {
    this.description = about.description;
    this.software = about.software;
    this.choices = about.choices ??
      new Choices({ key: about.description, kind: about.software ? "software" : "unknown" });
    this.#reopen = about.reopen;
    this.#start(gpu);
  }

  /** Makes all that belongs to one GPUDevice. */
  #start(gpu: GPUDevice): void {
    this.#gpu = gpu;
    this.#ahead = [];
    this.#faults = new Faults(gpu, this.description);
    this.#recorder = new Recorder(gpu, this.#faults, this.ledger);
    this.#pool = new Pool(gpu, this.#recorder, this.#faults, {
      ledger: this.ledger,
      generation: this.#generation,
    });
    this.#calls = new Calls(
      new Pipelines(gpu, this.#faults, this.ledger),
      { limits: gpu.limits, choices: this.choices },
    );
    this.#groups = new BindGroups(gpu, this.ledger);
    this.#gatherer = new Gatherer({
      recorder: this.#recorder,
      reserve: (bytes) => this.reserve(bytes),
      viewOf: (act, buffer, bytes) => viewOf(this, act, buffer, bytes),
      vacate: (buffer) => this.free(buffer),
      most: Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize),
    });
    this.#readback = new Readback(gpu, this.#recorder, this.ledger);
    this.#recorder.takeDoomed = () => {
      const doomed = this.#pool.takeDoomed();
      this.#groups.forget(doomed);
      return doomed;
    };
  }

  get isLost(): boolean {
    return !this.#closed && this.#faults.lost !== undefined;
  }

  get generation(): number {
    return this.#generation;
  }

  upload(data: TypedArray, dtype: DType): DeviceBuffer {
    this.#checkOpen("upload");
    checkHost("upload", data, dtype);
    this.#calls.checkSize("upload", { shape: [data.length], dtype });
    const slot = this.#pool.takeWritable(data.byteLength);
    if (data.length > 0) this.#writeHost(slot.view(data.byteLength), data);
    slot.written = 0;
    const buffer = this.#hold(slot, dtype, data.length);
    this.observer?.uploaded(buffer, data);
    return buffer;
  }

  allocate(spec: Spec): DeviceBuffer {
    this.#checkOpen("allocate");
    this.#calls.checkSize("allocate", spec);
    const size = sizeOf(spec.shape);
    return this.#hold(this.#pool.take(size * 4), spec.dtype, size);
  }

  reserve(bytes: number): DeviceBuffer {
    const spec = { shape: [Math.ceil(bytes / 4)], dtype: "u32" } as const,
      size = sizeOf(spec.shape);
    this.#checkOpen("reserve");
    this.#calls.checkSize("reserve", spec);
    return this.#hold(this.#pool.takeExact(size * 4), spec.dtype, size);
  }

  share(buffer: DeviceBuffer, { shape, dtype }: Spec, offset: number = 0): DeviceBuffer {
    const bytes = sizeOf(shape) * 4, view = viewOf(this, "share", buffer, buffer.size * 4);
    const share = view.slot.view(bytes, view.offset + offset);
    return new DeviceBuffer(this, dtype, bytes / 4, share, buffer);
  }

  write(buffer: DeviceBuffer, data: TypedArray): void {
    this.observer?.refuse("write to a tensor");
    this.#checkOpen("write");
    checkHost("write", data, buffer.dtype);
    const view = viewOf(this, "write", buffer, data.byteLength), { slot } = view;
    slot.written = 0;
    // A host write overtakes what is recorded but not submitted.
    if (slot.batch === this.#recorder.batch) this.#recorder.flush();
    if (data.length > 0) this.#writeHost(view, data);
    buffer.touch();
  }

  copy(from: DeviceBuffer, to: DeviceBuffer): void {
    const { dtype, size } = from, shape = [size];
    this.run(cast, [{ shape, dtype, buffer: from }], { dtype }, [{ shape, dtype, buffer: to }]);
  }

  prepare(calls: readonly BoundCall[], args: readonly DeviceBuffer[]): PreparedCalls {
    this.#checkOpen("prepare calls");
    const generation = this.#generation;
    return new Plan({ calls, args }, {
      recorder: this.#recorder,
      groups: this.#groups,
      ledger: this.ledger,
      callOf: ({ kernel, inputs, params }) => this.#calls.get(kernel, inputs, params),
      gather: (buffers) => this.#gatherer.gather(buffers),
      pipelineOf: (name, code, readOnly) => this.#calls.pipelineOf(name, code, readOnly),
      viewOf: (act, buffer, bytes) => viewOf(this, act, buffer, bytes),
      reserve: (bytes) => this.reserve(bytes),
      checkOpen: (act) => {
        this.#checkOpen(act);
        if (generation !== this.#generation) throw lostError(act, "calls");
      },
      checkSlot: (act, { written }) => this.#checkBatch(act, written),
    });
  }

  run<P>(
    kernel: Kernel<P>,
    inputs: readonly Operand[],
    params: P,
    updates: readonly Operand[] = [],
  ): readonly Operand[] {
    this.#checkOpen(kernel.name);
    const call = this.#calls.get(kernel, inputs, params);
    checkUpdates(kernel, updates.length, call.outputs.length);
    for (const { pipeline } of call.steps) if (pipeline.error !== undefined) throw pipeline.error;
    const views = inputs.map(({ buffer }, i) => {
      return this.#readable(kernel.name, buffer, call.inputBytes[i]!);
    });
    for (let i = 0; i < updates.length; i++) {
      const view = this.#readable(kernel.name, updates[i]!.buffer, call.outputBytes[i]!);
      checkAlias(kernel.name, view, {
        read: views.slice(0, inputs.length),
        written: views.slice(inputs.length),
      });
      views.push(view);
    }
    const outputs = call.outputs.map((spec, i): Operand => {
      const updated = updates[i];
      if (updated !== undefined) {
        updated.buffer.touch();
        return updated;
      }
      const bytes = call.outputBytes[i]!;
      const slot = this.#pool.take(bytes);
      views.push(slot.view(bytes));
      return {
        shape: spec.shape,
        dtype: spec.dtype,
        buffer: this.#hold(slot, spec.dtype, bytes / 4),
      };
    });
    for (const bytes of call.scratchBytes) views.push(this.#pool.take(bytes).view(bytes));
    this.#record(call, views);
    for (let i = call.scratchBytes.length; i > 0; i--) this.#pool.give(views.at(-i)!.slot);
    this.ledger.call(kernel.name);
    this.observer?.ran(kernel, inputs, outputs, params);
    return outputs;
  }

  async read(buffers: readonly DeviceBuffer[]): Promise<TypedArray[]> {
    this.observer?.refuse("read a tensor");
    this.#checkOpen("read");
    const staged = this.#readback.stage(buffers.map((buffer) => {
      return this.#readable("read", buffer, buffer.size * 4);
    }));
    this.ledger.readbacks++;
    try {
      await this.#wait(staged.mapped);
      // The error itself may have gone to somebody else who was waiting.
      this.#checkBatch("read", staged.batch);
    } catch (error) {
      staged.abandon();
      throw error;
    }
    const copies = staged.take();
    return buffers.map(({ dtype }, i) => wrap(dtype, copies[i]!));
  }

  async sync(): Promise<void> {
    this.#checkOpen("sync");
    await this.#wait(this.#done());
  }

  async timeDispatches(step: () => unknown): Promise<readonly DispatchTime[] | undefined> {
    await this.sync();
    if (!this.#gpu.features?.has("timestamp-query")) return undefined;
    const timer = new PassTimer(this.#gpu);
    this.#recorder.timer = timer;
    try {
      const result = step();
      if (result instanceof Promise) await result;
      await this.sync();
    } finally {
      this.#recorder.timer = undefined;
    }
    return await this.#wait(timer.read());
  }

  /**
   * Submits what is recorded and waits for an earlier call's work, so that a loop that never reads
   * runs ahead of the GPU by a few steps only.
   */
  async pace(): Promise<void> {
    this.#checkOpen("pace");
    const done = this.#done();
    // Nobody may ever wait for the last ones.
    done.catch(() => {});
    this.#ahead.push(done);
    if (this.#ahead.length > AHEAD) await this.#wait(this.#ahead.shift()!);
  }

  async restore(): Promise<void> {
    if (this.#closed) this.#checkOpen("restore");
    if (!this.isLost) return;
    // Whoever asks meanwhile waits for the same.
    this.#restoring ??= this.#restore().finally(() => this.#restoring = undefined);
    await this.#restoring;
  }

  free({ handle, size }: DeviceBuffer): void {
    this.ledger.give(size * 4);
    if (!this.#closed) this.#pool.give((handle as View).slot);
  }

  close(): void {
    if (this.#closed) return;
    this.#recorder.end();
    this.#closed = true;
    this.#faults.lose(
      new DisposedError(`Cannot wait for ${this.description}: the device was closed`),
    );
    this.#end();
  }

  /** Gives back all that belongs to the GPUDevice. */
  #end(): void {
    this.#pool.clear();
    this.#readback.clear();
    this.#gpu.destroy();
  }

  async #restore(): Promise<void> {
    const reopen = this.#reopen;
    if (reopen === undefined) {
      throw new BackendError(
        `Cannot restore ${this.description}: it was made of a GPUDevice, make another one of both`,
      );
    }
    const gpu = await reopen();
    if (this.#closed) {
      gpu.destroy();
      this.#checkOpen("restore");
    }
    this.#recorder.end();
    this.#end();
    this.#generation++;
    this.#start(gpu);
  }

  /** Submits everything; resolves when the GPU is done with it. */
  #done(): Promise<undefined> {
    this.#recorder.flush();
    return this.#recorder.whenQueued(() => this.#gpu.queue.onSubmittedWorkDone());
  }

  #writeHost(view: View, data: TypedArray): void {
    this.#recorder.write(view, data);
    this.ledger.count("writes");
    this.ledger.count("bytesWritten", data.byteLength);
  }

  #record(call: Call, views: readonly View[]): void {
    for (const { pipeline, operands, workgroups } of call.steps) {
      const group = this.#groups.get(pipeline.layout, operands.map((at) => views[at]!));
      this.#recorder.dispatch({ pipeline, group, workgroups });
    }
    const { batch } = this.#recorder;
    for (let i = 0; i < views.length; i++) {
      const { slot } = views[i]!;
      slot.batch = batch;
      if (i >= call.inputBytes.length) slot.written = batch;
    }
    this.ledger.count("dispatches", call.steps.length);
  }

  /** A new buffer on a slot. */
  #hold(slot: Slot, dtype: DType, size: number): DeviceBuffer {
    const buffer = new DeviceBuffer(this, dtype, size, slot.view(size * 4));
    slot.holder = buffer;
    this.ledger.take(size * 4);
    return buffer;
  }

  /** The view of a buffer whose contents are wanted. */
  #readable(act: string, buffer: DeviceBuffer, bytes: number): View {
    const view = viewOf(this, act, buffer, bytes);
    this.#checkBatch(act, view.slot.written);
    return view;
  }

  #checkBatch(act: string, batch: number): void {
    const failure = this.#recorder.failureOf(batch);
    if (failure === undefined) return;
    throw new BackendError(
      `Cannot ${act} a buffer: the dispatches that wrote it failed (${failure}), compute it again`,
    );
  }

  #wait<T>(promise: Promise<T>): Promise<T> {
    return this.#faults.wait(needsNudge() ? nudge(this.#gpu.queue, promise) : promise);
  }

  #checkOpen(act: string): void {
    if (this.#closed) {
      throw new DisposedError(`Cannot ${act} on ${this.description}: the device was closed`);
    }
    if (this.#faults.lost !== undefined) throw this.#faults.lost;
  }
}

function wrap(dtype: DType, bytes: ArrayBuffer): TypedArray {
  if (dtype === "f32") return new Float32Array(bytes);
  return dtype === "i32" ? new Int32Array(bytes) : new Uint32Array(bytes);
}
