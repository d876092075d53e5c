/**
 * GPU time of dispatches, by timestamps at both ends of compute passes: while it is at work, every
 * dispatch has a pass of its own, whose start and end are counted in.
 *
 * @module
 */
import { COPY_DST, COPY_SRC, MAP_MODE_READ, MAP_READ, QUERY_RESOLVE } from "./constants.ts";

/** Timestamps that one query set may have. */
const MOST_QUERIES = 4096;

/** What a dispatch took. */
export interface DispatchTime {
  /** Name of the kernel. */
  readonly kernel: string;
  /** GPU time. */
  readonly seconds: number;
}

/** Times dispatches until it is read. */
export class PassTimer {
  readonly #device: GPUDevice;
  readonly #queries: GPUQuerySet;
  readonly #kernels: string[] = [];

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#queries = device.createQuerySet({ type: "timestamp", count: MOST_QUERIES });
  }

  /** Where the pass of the next dispatch writes its times; undefined when there is no room left. */
  next(kernel: string): GPUComputePassTimestampWrites | undefined {
    const at = 2 * this.#kernels.length;
    if (at + 2 > MOST_QUERIES) return undefined;
    this.#kernels.push(kernel);
    return {
      querySet: this.#queries,
      beginningOfPassWriteIndex: at,
      endOfPassWriteIndex: at + 1,
    };
  }

  /** All times, in the order of the dispatches; everything must have been submitted. */
  async read(): Promise<readonly DispatchTime[]> {
    const count = 2 * this.#kernels.length, size = Math.max(8, 8 * count);
    const device = this.#device;
    const resolved = device.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC });
    const staging = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
    try {
      const encoder = device.createCommandEncoder();
      if (count > 0) encoder.resolveQuerySet(this.#queries, 0, count, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(MAP_MODE_READ);
      const times = new BigUint64Array(staging.getMappedRange().slice(0));
      return this.#kernels.map((kernel, i): DispatchTime => {
        const ticks = times[2 * i + 1]! - times[2 * i]!;
        // Adapters may set their clock back.
        return { kernel, seconds: times[2 * i + 1]! < times[2 * i]! ? 0 : Number(ticks) * 1e-9 };
      });
    } finally {
      for (const it of [resolved, staging, this.#queries]) it.destroy();
    }
  }
}
