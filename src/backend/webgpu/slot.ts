/**
 * A slot is a GPUBuffer of the pool; a view is a slot seen with the exact size of one tensor.
 *
 * @module
 */
import type { DeviceBuffer } from "../buffer.ts";
import { SMALLEST_BINDING } from "./constants.ts";

let views = 0;

/** The first `bytes` of a slot; the handle of a DeviceBuffer. */
export class View {
  /** Unique for ever, so that a stale cache entry is never found. */
  readonly id: number = ++views;
  readonly slot: Slot;
  /** Bytes of the tensor. */
  readonly bytes: number;
  /** The exact range, so that reads past the end of the tensor are held inside of it. */
  readonly binding: GPUBufferBinding;

  constructor(slot: Slot, bytes: number) {
    this.slot = slot;
    this.bytes = bytes;
    this.binding = { buffer: slot.buffer, offset: 0, size: bytes || SMALLEST_BINDING };
  }
}

/** A GPUBuffer that is used again and again. */
export class Slot {
  readonly id: number;
  readonly buffer: GPUBuffer;
  /** Size of the GPUBuffer. */
  readonly bytes: number;
  /** The last batch that used it. */
  batch = 0;
  /** The last batch in which a dispatch wrote it; 0 when the host did. */
  written = 0;
  /** Who has it; undefined while it is idle, destroyed or a kernel's scratch. */
  holder: DeviceBuffer | undefined;
  /** Memory ran out when it was made: it must not be used again. */
  broken = false;
  readonly #views: Map<number, View> = new Map();

  constructor(id: number, buffer: GPUBuffer, bytes: number) {
    this.id = id;
    this.buffer = buffer;
    this.bytes = bytes;
  }

  /** The view of this size; the same object every time, so that bind groups are found again. */
  view(bytes: number): View {
    let view = this.#views.get(bytes);
    if (view === undefined) this.#views.set(bytes, view = new View(this, bytes));
    return view;
  }
}
