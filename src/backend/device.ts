/**
 * A device: an opened backend, on which tensors live. It runs kernels on buffers and moves data;
 * it knows nothing of gradients. Only `read` and `sync` wait.
 *
 * @module
 */
import type { DType, TypedArray } from "../dtype.ts";
import type { Kernel, Spec } from "../kernels/mod.ts";
import type { DeviceBuffer } from "./buffer.ts";
import type { Ledger } from "./ledger.ts";

/** The kinds of device. */
export type BackendName = "reference" | "cpu" | "webgpu";

/** A buffer together with the shape that it is read in. */
export interface Operand extends Spec {
  /** Where the elements are. */
  readonly buffer: DeviceBuffer;
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

  /** A new buffer with a copy of the data. Throws BackendError when memory runs out. */
  upload(data: TypedArray, dtype: DType): DeviceBuffer;
  /** Overwrites a buffer, after everything asked for before. */
  write(buffer: DeviceBuffer, data: TypedArray): void;
  /**
   * Runs a kernel; returns one new buffer per output. Kernels that update state get those buffers
   * in `updates` and return them first. May return before the work is done.
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
  /** Waits while the device is several calls of pace() behind: for loops that never read. */
  pace(): Promise<void>;
  /** Takes a buffer back; called by the buffer itself. */
  free(buffer: DeviceBuffer): void;
  /** Gives the device back. Tensors on it can no longer be used. */
  close(): void;
}
