/**
 * The recorder: dispatches go into one pass of one open batch, which is submitted when somebody
 * waits, when a buffer in it must be overwritten from the host, or when it is long enough to keep
 * the GPU busy. All that reaches the queue goes through here, in one line, see line.ts.
 *
 * @module
 */
import type { TypedArray } from "../../dtype.ts";
import { BackendError } from "../../errors.ts";
import type { Ledger } from "../ledger.ts";
import type { Faults } from "./faults.ts";
import { Line } from "./line.ts";
import type { PassTimer } from "./pass_timer.ts";
import type { Pipeline } from "./pipelines.ts";
import type { Slot, View } from "./slot.ts";

/** Dispatches in a batch: far more than a submit costs, far less than a GPU has to wait for. */
const BATCH = 96;
/** Dispatches that fit behind a list of them, however long it is. */
const RESULTS = 16;

/** A dispatch with all that it is bound to. */
export interface BoundDispatch {
  readonly pipeline: Pipeline;
  readonly group: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

/** Records dispatches and copies and submits them. */
export class Recorder {
  /** Number of the open batch. A buffer last used in it has work that is not submitted yet. */
  batch = 1;
  /** Gives the slots that nothing needs once the open batch is done. */
  takeDoomed: () => readonly Slot[] = () => [];
  /** Set while the time of every dispatch is wanted. */
  timer: PassTimer | undefined;
  readonly #device: GPUDevice;
  readonly #faults: Faults;
  readonly #ledger: Ledger;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  #pipeline: Pipeline | undefined;
  readonly #line: Line = new Line((error) => {
    this.#faults.watch(Promise.reject(error), () => new BackendError(`${error}`));
  });
  /** Whether the open batch has anything in it. */
  #isOpen = false;
  /** Dispatches of the open batch; a long list counts for less, see dispatchAll. */
  #dispatches = 0;
  /** Batches from a failed one to the one that was open when that came out. */
  readonly #failures: { readonly from: number; readonly to: number; readonly why: string }[] = [];

  constructor(device: GPUDevice, faults: Faults, ledger: Ledger) {
    this.#device = device;
    this.#faults = faults;
    this.#ledger = ledger;
  }

  /** Waits for something once all that was asked for so far is on the queue, which is nearly always. */
  whenQueued<T>(wait: () => Promise<T>): Promise<T> {
    const { moved } = this.#line;
    return moved === undefined ? wait() : moved.then(wait);
  }

  /** Appends a dispatch. */
  dispatch(dispatch: BoundDispatch): void {
    this.#append(dispatch);
    if (this.#dispatches >= BATCH) this.flush();
  }

  /** Submits what is recorded where so many more dispatches would make it too long. */
  makeRoom(dispatches: number): void {
    if (this.#dispatches + dispatches > BATCH) this.flush();
  }

  /** Appends dispatches, all to the open batch, which stays open for copies of their results. */
  dispatchAll(dispatches: readonly BoundDispatch[]): void {
    for (let i = 0; i < dispatches.length; i++) this.#append(dispatches[i]!);
    this.#dispatches = Math.min(this.#dispatches, BATCH - RESULTS);
  }

  /** Appends a copy of what a view shows. */
  copy({ slot, offset, bytes }: View, to: GPUBuffer, at: number): void {
    this.#isOpen = true;
    this.#line.add(() => {
      this.#endPass();
      this.#open().copyBufferToBuffer(slot.buffer, offset, to, at, bytes);
    });
  }

  /** Writes from the host. It overtakes what is recorded and not submitted. */
  write({ slot: { buffer }, offset }: View, data: TypedArray): void {
    const { queue } = this.#device;
    if (!this.#line.holds()) return queue.writeBuffer(buffer, offset, data);
    const copy = data.slice();
    this.#line.add(() => queue.writeBuffer(buffer, offset, copy));
  }

  /** Submits the open batch, if there is one. */
  flush(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#dispatches = 0;
    this.#ledger.count("submits");
    const from = this.batch++, doomed = this.takeDoomed();
    this.#line.add(() => this.#submit(from, doomed));
  }

  /** Submits what can be, and forgets what waits for shaders: the device is to be given back. */
  end(): void {
    this.flush();
    this.#line.drop();
    // Some engines crash on command encoders that are never submitted.
    this.#submit(this.batch, []);
  }

  #submit(from: number, doomed: readonly Slot[]): void {
    const encoder = this.#encoder;
    if (encoder !== undefined) {
      this.#endPass();
      this.#device.queue.submit([encoder.finish()]);
      this.#encoder = undefined;
      this.#faults.watch(this.#device.popErrorScope(), (error) => this.#fail(from, error));
    }
    for (const { buffer } of doomed) buffer.destroy();
  }

  /**
   * Why a buffer that was written in this batch may hold anything: an invalid dispatch takes the
   * whole batch down, and what came after it may have read its results.
   */
  failureOf(batch: number): string | undefined {
    if (this.#failures.length === 0) return undefined;
    return this.#failures.find(({ from, to }) => from <= batch && batch <= to)?.why;
  }

  #fail(from: number, { message }: GPUError): BackendError {
    // What is recorded from here on must not count as part of the failure.
    this.flush();
    this.#failures.push({ from, to: this.batch++, why: message.split("\n", 1)[0]! });
    return new BackendError(`Cannot run recorded dispatches: ${message}`);
  }

  #append(dispatch: BoundDispatch): void {
    const { pipeline } = dispatch;
    this.#isOpen = true;
    this.#dispatches++;
    // Nearly always; without a closure, because this is done for every dispatch.
    if (!this.#line.holds(pipeline)) this.#encode(dispatch);
    else this.#line.add(() => this.#encode(dispatch), pipeline);
  }

  #encode({ pipeline, group, workgroups: [x, y, z] }: BoundDispatch): void {
    if (this.timer !== undefined) {
      this.#endPass();
      this.#pass = this.#beginPass(this.timer.next(pipeline.kernel));
    }
    const pass = this.#pass ??= this.#beginPass();
    if (pipeline !== this.#pipeline) {
      pass.setPipeline(pipeline.gpu!);
      this.#pipeline = pipeline;
    }
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(x, y, z);
  }

  #open(): GPUCommandEncoder {
    if (this.#encoder !== undefined) return this.#encoder;
    this.#device.pushErrorScope("validation");
    this.#encoder = this.#device.createCommandEncoder();
    return this.#encoder;
  }

  #beginPass(timestampWrites?: GPUComputePassTimestampWrites): GPUComputePassEncoder {
    this.#ledger.count("passes");
    return this.#open().beginComputePass({ ...timestampWrites && { timestampWrites } });
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = undefined;
    this.#pipeline = undefined;
  }
}
