/**
 * A slot is a GPUBuffer of the pool; a view is the place of one tensor in it, with its exact size.
 *
 * @module
 */
import type { DeviceBuffer } from "../buffer.ts";
import { SMALLEST_BINDING } from "./constants.ts";

let views = 0;

/** Some bytes of a slot; the handle of a DeviceBuffer. */
export class View {
  /** Unique for ever, so that a stale cache entry is never found. */
  readonly id: number = ++views;
  readonly slot: Slot;
  /** Bytes of the tensor. */
  readonly bytes: number;
  /** Where it begins in the slot, in bytes. */
  readonly offset: number;
  /** The exact range, so that reads past the end of the tensor are held inside of it. */
  readonly binding: GPUBufferBinding;

  constructor(slot: Slot, bytes: number, offset: number) {
    this.slot = slot;
    this.bytes = bytes;
    this.offset = offset;
    this.binding = { buffer: slot.buffer, offset, size: bytes || SMALLEST_BINDING };
  }

  /** Whether both have bytes in common. */
  overlaps({ slot, offset, bytes }: View): boolean {
    return slot === this.slot && offset < this.offset + this.bytes && this.offset < offset + bytes;
  }
}

/** A GPUBuffer that is used again and again. */
export class Slot {
  readonly id: number;
  readonly buffer: GPUBuffer;
  /** Size of the GPUBuffer. */
  readonly bytes: number;
  /** That of the device when it was made. */
  readonly generation: number;
  /** The last batch that used it. */
  batch = 0;
  /** The last batch in which a dispatch wrote it; 0 when the host did. */
  written = 0;
  /** Who has it; undefined while it is idle, destroyed or a kernel's scratch. */
  holder: DeviceBuffer | undefined;
  /** Memory ran out when it was made: it must not be used again. */
  broken = false;
  readonly #views: Map<number, View> = new Map();
  /** Those that do not begin with the slot, by where they begin. */
  readonly #inner: Map<number, Map<number, View>> = new Map();

  constructor(
    id: number,
    buffer: GPUBuffer,
    { bytes, generation }: { readonly bytes: number; readonly generation: number },
  ) {
    this.id = id;
    this.buffer = buffer;
    this.bytes = bytes;
    this.generation = generation;
  }

  /** The view of this size; the same object every time, so that bind groups are found again. */
  view(bytes: number, offset: number = 0): View {
    const views = offset === 0 ? this.#views : this.#innerFrom(offset);
    let view = views.get(bytes);
    if (view === undefined) views.set(bytes, view = new View(this, bytes, offset));
    return view;
  }

  #innerFrom(offset: number): Map<number, View> {
    let views = this.#inner.get(offset);
    if (views === undefined) this.#inner.set(offset, views = new Map());
    return views;
  }
}
