/**
 * Reading back: everything asked for goes into one staging buffer, with one copy each and one wait
 * for all. Staging buffers are used again.
 *
 * @module
 */
import type { Ledger } from "../ledger.ts";
import { COPY_DST, MAP_MODE_READ, MAP_READ } from "./constants.ts";
import type { Recorder } from "./recorder.ts";
import type { View } from "./slot.ts";

/** Staging buffers that are kept, and the size up to which they are. */
const KEPT = 3, LARGEST_KEPT = 16 * 2 ** 20, SMALLEST = 1 << 12;

/** Bytes on their way to the host. */
export interface Staged {
  /** The batch of the copies, or of the last ones. */
  readonly batch: number;
  /** Resolves when the bytes can be taken. */
  readonly mapped: Promise<void>;
  /** Copies of the bytes of every view; gives the staging buffer back. */
  take(): readonly ArrayBuffer[];
  /** Gives the staging buffer up, when the wait has failed. */
  abandon(): void;
}

/** Copies views into staging buffers and maps them. */
export class Readback {
  readonly #device: GPUDevice;
  readonly #recorder: Recorder;
  readonly #ledger: Ledger;
  #idle: GPUBuffer[] = [];

  constructor(device: GPUDevice, recorder: Recorder, ledger: Ledger) {
    this.#device = device;
    this.#recorder = recorder;
    this.#ledger = ledger;
  }

  /** Records the copies, submits, and starts to wait. */
  stage(views: readonly View[]): Staged {
    const total = views.reduce((sum, view) => sum + view.bytes, 0);
    if (total > this.#device.limits.maxBufferSize && views.length > 1) {
      const half = views.length >> 1;
      return join(this.stage(views.slice(0, half)), this.stage(views.slice(half)));
    }
    const staging = this.#take(total);
    let at = 0;
    for (const view of views) {
      if (view.bytes > 0) this.#recorder.copy(view, staging, at);
      view.slot.batch = this.#recorder.batch;
      at += view.bytes;
    }
    const { batch } = this.#recorder;
    this.#recorder.flush();
    this.#ledger.count("bytesRead", total);
    return {
      batch,
      mapped: this.#recorder.whenQueued(() => {
        return staging.mapAsync(MAP_MODE_READ, 0, Math.max(4, total));
      }),
      take: () => {
        const range = staging.getMappedRange(0, Math.max(4, total));
        let start = 0;
        const copies = views.map(({ bytes }) => range.slice(start, start += bytes));
        staging.unmap();
        this.#give(staging);
        return copies;
      },
      abandon: () => staging.destroy(),
    };
  }

  /** Destroys the idle staging buffers. */
  clear(): void {
    for (const buffer of this.#idle) buffer.destroy();
    this.#idle = [];
  }

  #take(bytes: number): GPUBuffer {
    const at = this.#idle.findIndex((buffer) => buffer.size >= bytes);
    if (at >= 0) return this.#idle.splice(at, 1)[0]!;
    const rounded = Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(Math.max(1, bytes))));
    const size = rounded <= LARGEST_KEPT ? rounded : bytes;
    this.#ledger.count("stagingBuffersMade");
    return this.#device.createBuffer({ size, usage: MAP_READ | COPY_DST });
  }

  /** Keeps the list sorted, so that the smallest that fits is found first; large ones serve all. */
  #give(buffer: GPUBuffer): void {
    if (buffer.size > LARGEST_KEPT) return buffer.destroy();
    this.#idle = [...this.#idle, buffer].sort((a, b) => a.size - b.size);
    if (this.#idle.length > KEPT) this.#idle.shift()!.destroy();
  }
}

function join(a: Staged, b: Staged): Staged {
  return {
    batch: b.batch,
    mapped: Promise.all([a.mapped, b.mapped]).then(() => {}),
    take: () => [...a.take(), ...b.take()],
    abandon() {
      a.abandon();
      b.abandon();
    },
  };
}
