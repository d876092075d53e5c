/**
 * A device: an opened backend, on which tensors live. It runs kernels on buffers and moves data;
 * it knows nothing of gradients. Only `read` and `sync` wait.
 *
 * @module
 */
import type { DType, TypedArray } from "../dtype.ts";
import type { Kernel, Spec } from "../kernels/mod.ts";
import type { DispatchTime } from "./webgpu/pass_timer.ts";
import type { DeviceBuffer } from "./buffer.ts";
import type { Ledger } from "./ledger.ts";

/** The kinds of device. */
export type BackendName = "reference" | "cpu" | "webgpu";

/**
 * Where a call of a captured step likes what it reads and what it writes: "beside" each other in one
 * buffer, which is as good as any other way, or "apart" in different ones, unless that takes much
 * more memory.
 */
export type Sharing = "beside" | "apart";

/** A buffer together with the shape that it is read in. */
export interface Operand extends Spec {
  /** Where the elements are. */
  readonly buffer: DeviceBuffer;
}

/** Hears what a device does while a step is captured. */
export interface Observer {
  /** A kernel ran. */
  ran<P>(
    kernel: Kernel<P>,
    inputs: readonly Operand[],
    outputs: readonly Operand[],
    params: P,
  ): void;
  /** A new buffer was filled from the host. */
  uploaded(buffer: DeviceBuffer, data: TypedArray): void;
  /** A buffer that was just uploaded has other numbers in every step: `fill` writes them to `data`. */
  refilled(buffer: DeviceBuffer, fill: (data: TypedArray) => void, data: TypedArray): void;
  /** Throws: something was asked for that no replay can repeat. */
  refuse(act: string): never;
}

/** A kernel call with all its operands. */
export interface BoundCall {
  /** What runs. */
  // deno-lint-ignore no-explicit-any
  readonly kernel: Kernel<any>;
  /** What it reads. */
  readonly inputs: readonly Operand[];
  /** What is fixed for the call. */
  readonly params: unknown;
  /** Where all results go; what the kernel updates comes first. */
  readonly outputs: readonly Operand[];
}

/** Calls made ready, to run again and again. */
export interface PreparedCalls {
  /** What really runs: a device may make several calls into one. */
  readonly calls: readonly BoundCall[];
  /** Runs them all in order, on the arguments of this run. May return before the work is done. */
  run(given: readonly DeviceBuffer[]): void;
  /** Gives back what was made for them. */
  release(): void;
}

/** An opened backend. */
export interface Device {
  /** Its kind. */
  readonly backend: BackendName;
  /** What it is, for people: "NVIDIA RTX 4090 (Dawn)". */
  readonly description: string;
  /** Element types that it can hold. */
  readonly dtypes: readonly DType[];
  /** What lives on it and what it did. */
  readonly ledger: Ledger;
  /**
   * Whether its compiler may contract a product and a sum that meet in one kernel, and round once:
   * only chains that keep their bits all the same are then fused.
   */
  readonly contracts: boolean;
  /** Whether captured steps use epilogues and joint kernels: where launching and memory cost most. */
  readonly finishes: boolean;
  /** How values of a captured step may share buffers. */
  readonly sharing: Sharing;
  /** Hears of all that follows, while a step is captured. */
  observer: Observer | undefined;
  /** Whether it was lost: nothing works until `restore()`. Only GPUs get lost. */
  readonly isLost: boolean;
  /** How often it was restored. Buffers from before have lost their elements. */
  readonly generation: number;

  /** A new buffer with a copy of the data. Throws BackendError when memory runs out. */
  upload(data: TypedArray, dtype: DType): DeviceBuffer;
  /** A new buffer whose elements are not set yet. Throws BackendError when memory runs out. */
  allocate(spec: Spec): DeviceBuffer;
  /** A new buffer of u32 that takes no more than these bytes, for others to share. */
  reserve(bytes: number): DeviceBuffer;
  /**
   * Another buffer on the memory of one that reaches at least as far; holds it. It begins `offset`
   * bytes behind that one, a multiple of 256. Default 0.
   */
  share(buffer: DeviceBuffer, spec: Spec, offset?: number): DeviceBuffer;
  /** Overwrites a buffer, after everything asked for before. */
  write(buffer: DeviceBuffer, data: TypedArray): void;
  /** Overwrites a buffer with the elements of another of the same type and size. */
  copy(from: DeviceBuffer, to: DeviceBuffer): void;
  /**
   * Makes calls ready to be replayed; holds no operand. `args` are buffers that the calls only read,
   * or that one of them makes; they stand for those that each run is given in their place.
   */
  prepare(calls: readonly BoundCall[], args: readonly DeviceBuffer[]): PreparedCalls;
  /**
   * Runs a kernel; returns one buffer per output. Kernels that update state get those buffers in
   * `updates` and return them first; when `updates` has a buffer for every output, all results go
   * there. Other buffers are new. May return before the work is done.
   */
  run<P>(
    kernel: Kernel<P>,
    inputs: readonly Operand[],
    params: P,
    updates?: readonly Operand[],
  ): readonly Operand[];
  /** Copies of the elements, after everything asked for before. One wait for all of them. */
  read(buffers: readonly DeviceBuffer[]): Promise<TypedArray[]>;
  /** Waits until everything asked for is done; throws what went wrong since the last wait. */
  sync(): Promise<void>;
  /**
   * GPU time of every dispatch of a step, each in a pass of its own, which costs some time itself;
   * undefined where the adapter has no timestamps.
   */
  timeDispatches?(step: () => unknown): Promise<readonly DispatchTime[] | undefined>;
  /** Waits while the device is several calls of pace() behind: for loops that never read. */
  pace(): Promise<void>;
  /**
   * Opens the device anew after it was lost; does nothing otherwise. All buffers from before have
   * lost their elements: load parameters and states from a snapshot or a checkpoint.
   *
   * @throws BackendError when there is no adapter any more, or another one.
   */
  restore(): Promise<void>;
  /** Takes a buffer back; called by the buffer itself. */
  free(buffer: DeviceBuffer): void;
  /** Gives the device back. Tensors on it can no longer be used. */
  close(): void;
}
