/**
 * The pool of GPUBuffers. Sizes are rounded to a few classes, and a free buffer of a class serves
 * the next tensor. All work goes through one queue in order, so a buffer may be dispatched to
 * again at once; only host writes, which overtake recorded dispatches, must look at its batch.
 *
 * @module
 */
import { BackendError } from "../../errors.ts";
import type { Ledger } from "../ledger.ts";
import { COPY_DST, COPY_SRC, STORAGE } from "./constants.ts";
import type { Faults } from "./faults.ts";
import type { Recorder } from "./recorder.ts";
import { Slot } from "./slot.ts";

const SMALLEST = 256;
/** Up to this size a new buffer is cheaper than submitting early to free an old one. */
const SMALL = 1 << 16;
/** Idle buffers of one class. */
const MOST_IDLE = 1024;
/** Bytes that may always be held. */
const ALWAYS_HELD = 64 * 2 ** 20;
const NONE: readonly Slot[] = [];

/** Rounds up to one of four sizes per power of two, so at most a quarter is wasted. */
export function sizeClass(bytes: number): number {
  if (bytes <= SMALLEST) return SMALLEST;
  const step = 2 ** (Math.floor(Math.log2(bytes - 1)) - 2);
  return Math.ceil(bytes / step) * step;
}

/** GPUBuffers, in use and idle. */
export class Pool {
  readonly #device: GPUDevice;
  readonly #recorder: Recorder;
  readonly #faults: Faults;
  readonly #ledger: Ledger;
  /** How many pools the device had before, each on a GPUDevice that was lost. */
  readonly #generation: number;
  /** Idle slots by class; highest id first, so that pop() gives the lowest. */
  readonly #idle: Map<number, Slot[]> = new Map();
  /** The same slots, longest idle first. */
  readonly #oldest: Set<Slot> = new Set();
  #doomed: Slot[] = [];
  #ids = 0;
  #usedBytes = 0;
  #peakBytes = 0;

  constructor(
    device: GPUDevice,
    recorder: Recorder,
    faults: Faults,
    { ledger, generation }: { readonly ledger: Ledger; readonly generation: number },
  ) {
    this.#device = device;
    this.#recorder = recorder;
    this.#faults = faults;
    this.#ledger = ledger;
    this.#generation = generation;
  }

  /**
   * A slot for the result of a dispatch. Always the idle one with the lowest id: equal steps then
   * get equal buffers, and their bind groups are found again.
   */
  take(bytes: number): Slot {
    const size = this.#sizeFor(bytes);
    return this.#use(this.#idle.get(size)?.pop() ?? this.#make(size));
  }

  /** A slot of so many bytes and no more: for what is large, and stays for long. */
  takeExact(bytes: number): Slot {
    const size = Math.max(SMALLEST, bytes);
    return this.#use(this.#idle.get(size)?.pop() ?? this.#make(size));
  }

  /** A slot that the host may write now: none of its dispatches waits to be submitted. */
  takeWritable(bytes: number): Slot {
    const size = this.#sizeFor(bytes);
    const idle = this.#idle.get(size) ?? [];
    const at = idle.findLastIndex((slot) => slot.batch !== this.#recorder.batch);
    if (at >= 0) return this.#use(idle.splice(at, 1)[0]!);
    if (idle.length === 0 || size <= SMALL) return this.#use(this.#make(size));
    this.#recorder.flush();
    return this.#use(idle.pop()!);
  }

  /** Takes a slot back. */
  give(slot: Slot): void {
    slot.holder = undefined;
    // It went with its GPUDevice.
    if (slot.generation !== this.#generation) return;
    this.#usedBytes -= slot.bytes;
    if (slot.broken) {
      this.#doomed.push(slot);
      return;
    }
    let idle = this.#idle.get(slot.bytes);
    if (idle === undefined) this.#idle.set(slot.bytes, idle = []);
    insert(idle, slot);
    this.#oldest.add(slot);
    this.#ledger.pooledBytes += slot.bytes;
    if (idle.length > MOST_IDLE) this.#evict(idle[0]!);
    // Never more than a quarter above what the work has needed at its peak.
    const most = Math.max(ALWAYS_HELD, this.#peakBytes * 1.25);
    while (this.#usedBytes + this.#ledger.pooledBytes > most) {
      const [oldest] = this.#oldest;
      if (oldest === undefined) break;
      this.#evict(oldest);
    }
  }

  /** Hands over what was evicted, to be destroyed once the open batch is submitted. */
  takeDoomed(): readonly Slot[] {
    if (this.#doomed.length === 0) return NONE;
    const doomed = this.#doomed;
    this.#doomed = [];
    return doomed;
  }

  /** Destroys every idle slot. */
  clear(): void {
    for (const slot of this.#oldest) slot.buffer.destroy();
    this.#oldest.clear();
    this.#idle.clear();
    this.#ledger.pooledBytes = 0;
    for (const slot of this.takeDoomed()) slot.buffer.destroy();
  }

  #sizeFor(bytes: number): number {
    return Math.min(sizeClass(bytes), Math.floor(this.#device.limits.maxBufferSize / 4) * 4);
  }

  #use(slot: Slot): Slot {
    if (this.#oldest.delete(slot)) this.#ledger.pooledBytes -= slot.bytes;
    this.#usedBytes += slot.bytes;
    this.#peakBytes = Math.max(this.#peakBytes, this.#usedBytes);
    return slot;
  }

  #evict(slot: Slot): void {
    const idle = this.#idle.get(slot.bytes)!;
    idle.splice(idle.indexOf(slot), 1);
    this.#oldest.delete(slot);
    this.#ledger.pooledBytes -= slot.bytes;
    this.#doomed.push(slot);
  }

  #make(bytes: number): Slot {
    this.#ledger.count("buffersMade");
    this.#device.pushErrorScope("out-of-memory");
    const buffer = this.#device.createBuffer({
      size: bytes,
      usage: STORAGE | COPY_SRC | COPY_DST,
    });
    const slot = new Slot(++this.#ids, buffer, { bytes, generation: this.#generation });
    this.#faults.watch(this.#device.popErrorScope(), () => {
      slot.broken = true;
      return new BackendError(
        `Cannot allocate ${bytes} bytes: ${this.#usedBytes} bytes are in use and the device has ` +
          "no more, use smaller batches or dispose tensors earlier",
      );
    });
    return slot;
  }
}

/** Puts a slot into its place in a list with the highest id first. */
function insert(idle: Slot[], slot: Slot): void {
  let low = 0, high = idle.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (idle[middle]!.id > slot.id) low = middle + 1;
    else high = middle;
  }
  if (low === idle.length) idle.push(slot);
  else idle.splice(low, 0, slot);
}
