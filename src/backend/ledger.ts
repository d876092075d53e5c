/**
 * The ledger of a device: what lives on it, and how often each kernel ran. Reports and tests read
 * it; nothing else depends on it.
 *
 * @module
 */

/** Counts of a device. */
export class Ledger {
  /** Buffers in use. */
  buffers = 0;
  /** Bytes in use. */
  bytes = 0;
  /** Most bytes in use so far. */
  peakBytes = 0;
  /** Bytes held for reuse. */
  pooledBytes = 0;
  /** Copies of data from the device to the host. */
  readbacks = 0;
  /** Kernel calls by name. */
  readonly calls: Map<string, number> = new Map();
  /** Anything else that a backend counts, by name: dispatches, submits, pipelines. */
  readonly counters: Map<string, number> = new Map();

  /** A buffer came into use. */
  take(bytes: number): void {
    this.buffers++;
    this.bytes += bytes;
    this.peakBytes = Math.max(this.peakBytes, this.bytes);
  }

  /** A buffer went out of use. */
  give(bytes: number): void {
    this.buffers--;
    this.bytes -= bytes;
  }

  /** A kernel ran, once or several times. */
  call(name: string, times = 1): void {
    this.calls.set(name, (this.calls.get(name) ?? 0) + times);
  }

  /** Adds to a named counter. */
  count(name: string, amount = 1): void {
    this.counters.set(name, (this.counters.get(name) ?? 0) + amount);
  }

  /** How often a kernel ran. */
  callsOf(name: string): number {
    return this.calls.get(name) ?? 0;
  }
}
