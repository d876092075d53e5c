/**
 * Gathering: buffers that one kernel passes over, element by element, are moved to lie one behind the
 * other in one GPUBuffer, so that one dispatch binds them all: the parameters of a network, their
 * gradients, the states of an optimiser. Nobody above notices.
 *
 * @module
 */
import type { DeviceBuffer } from "../buffer.ts";
import type { Recorder } from "./recorder.ts";
import type { View } from "./slot.ts";

/** Bindings begin at multiples of so many bytes, by default limits. */
const ALIGNMENT = 256;

/** What gathering needs of its device. */
export interface GatherHost {
  readonly recorder: Recorder;
  reserve(bytes: number): DeviceBuffer;
  viewOf(act: string, buffer: DeviceBuffer, bytes: number): View;
  /** Takes back the place of a buffer that has moved. */
  vacate(buffer: DeviceBuffer): void;
  /** The largest buffer that can be bound whole. */
  readonly most: number;
}

/** Moves buffers together. */
export class Gatherer {
  readonly #host: GatherHost;
  /** The buffers in which others were gathered. */
  readonly #gathered: WeakSet<DeviceBuffer> = new WeakSet();

  constructor(host: GatherHost) {
    this.#host = host;
  }

  /**
   * The buffer in which all of these lie in this order, each at the next multiple of 256 bytes;
   * undefined where one of them cannot move.
   */
  gather(buffers: readonly DeviceBuffer[]): DeviceBuffer | undefined {
    const { recorder, reserve, viewOf, vacate, most } = this.#host;
    const views = buffers.map((buffer) => viewOf("gather", buffer, buffer.size * 4));
    const { offsets, bytes } = placesOf(buffers);
    const [first] = buffers, root = first!.root;
    if (root !== undefined) {
      // In memory that was planned, other values take the places in between.
      if (!this.#gathered.has(root)) return undefined;
      const together = buffers.every((buffer, i) => {
        return buffer.root === root && views[i]!.offset === offsets[i];
      });
      return together && root.size * 4 === bytes ? root : undefined;
    }
    if (bytes > most || new Set(buffers).size < buffers.length) return undefined;
    if (buffers.some((buffer) => buffer.root !== undefined || buffer.isShared)) return undefined;
    const gathered = reserve(bytes), { slot } = viewOf("gather", gathered, bytes);
    buffers.forEach((buffer, i) => {
      if (buffer.size > 0) recorder.copy(views[i]!, slot.buffer, offsets[i]!);
      views[i]!.slot.batch = slot.batch = recorder.batch;
      slot.written = Math.max(slot.written, views[i]!.slot.written);
      vacate(buffer);
      buffer.moveInto(gathered, slot.view(buffer.size * 4, offsets[i]!));
    });
    gathered.release();
    this.#gathered.add(gathered);
    return gathered;
  }
}

function placesOf(
  buffers: readonly DeviceBuffer[],
): { readonly offsets: readonly number[]; readonly bytes: number } {
  let bytes = 0;
  const offsets = buffers.map(({ size }) => {
    const offset = bytes;
    bytes += Math.max(1, Math.ceil(size * 4 / ALIGNMENT)) * ALIGNMENT;
    return offset;
  });
  return { offsets, bytes };
}
