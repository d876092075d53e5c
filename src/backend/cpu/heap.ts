/**
 * The allocator of the WebAssembly memory: four size classes per power of two, a free list for
 * each, fresh memory from the end. Blocks start on cache lines and never move. When memory runs out,
 * free blocks that lie side by side become one, so that a smaller batch finds room after a larger.
 *
 * @module
 */
import { BackendError } from "../../errors.ts";
import { MOST_PAGES, PAGE } from "./layout.ts";

/** Bytes of a cache line, and of the smallest block. */
const LINE = 64;

/** The class that holds `bytes`: the smallest of 64 (1, 1.25, 1.5, 1.75) 2^k that is enough. */
export function blockSize(bytes: number): number {
  if (bytes <= LINE) return LINE;
  const power = 2 ** Math.floor(Math.log2(bytes - 1));
  const step = Math.max(power / 4, LINE);
  return Math.ceil(bytes / step) * step;
}

/** Free bytes side by side. */
interface Span {
  address: number;
  bytes: number;
}

/** Hands out blocks of a memory. */
export class Heap {
  readonly #memory: WebAssembly.Memory;
  readonly #start: number;
  readonly #limit: number;
  readonly #free: Map<number, number[]> = new Map();
  /** What is free in other sizes, by address; empty until memory has run out once. */
  #spans: Span[] = [];
  #end: number;
  /** Why memory did not grow the last time. */
  #refusal = "";
  /** Bytes that were given back and can be used again. */
  freeBytes = 0;

  /** `start` is the first byte that may be used, `most` how many may be. */
  constructor(memory: WebAssembly.Memory, start: number, most: number) {
    this.#memory = memory;
    this.#start = start;
    this.#end = start;
    this.#limit = Math.min(start + most, MOST_PAGES * PAGE);
  }

  /**
   * The address of a block with room for `bytes`; `what` it is for goes into the error.
   *
   * @throws BackendError when there is no room; blocks handed out before stay as they are.
   */
  take(bytes: number, what: string): number {
    const size = blockSize(bytes);
    let address = this.#reuse(size) ?? this.#fresh(size);
    if (address === undefined) {
      this.#merge();
      address = this.#reuse(size) ?? this.#fresh(size);
    }
    if (address !== undefined) return address;
    const used = this.#end - this.#start - this.freeBytes;
    const pieces = this.freeBytes < size ? "" : `, ${this.freeBytes} are free in smaller pieces`;
    throw new BackendError(
      `Cannot allocate ${bytes} bytes for ${what}: ${used} of at most ` +
        `${this.#limit - this.#start} bytes are in use${pieces} (${this.#refusal}), use smaller ` +
        "batches or dispose what is not needed",
    );
  }

  /** Takes a block back that `take(bytes)` gave. */
  give(address: number, bytes: number): void {
    const size = blockSize(bytes);
    const list = this.#free.get(size);
    if (list === undefined) this.#free.set(size, [address]);
    else list.push(address);
    this.freeBytes += size;
  }

  /** A block that was given back, or a part of a span, the tightest one. */
  #reuse(size: number): number | undefined {
    let address = this.#free.get(size)?.pop();
    if (address === undefined) {
      let best: Span | undefined;
      for (const span of this.#spans) {
        if (span.bytes >= size && span.bytes < (best?.bytes ?? Infinity)) best = span;
      }
      if (best === undefined) return undefined;
      address = best.address;
      best.address += size;
      best.bytes -= size;
      if (best.bytes === 0) this.#spans.splice(this.#spans.indexOf(best), 1);
    }
    this.freeBytes -= size;
    return address;
  }

  /** A block from the end. */
  #fresh(size: number): number | undefined {
    const address = this.#end;
    if (!this.#reach(address + size)) return undefined;
    this.#end += size;
    return address;
  }

  /** Makes spans of all free blocks; those at the end become fresh memory again. */
  #merge(): void {
    const all = this.#spans;
    for (const [bytes, addresses] of this.#free) {
      for (const address of addresses) all.push({ address, bytes });
    }
    this.#free.clear();
    all.sort((a, b) => a.address - b.address);
    const merged: Span[] = [];
    for (const span of all) {
      const last = merged.at(-1);
      if (last !== undefined && last.address + last.bytes === span.address) {
        last.bytes += span.bytes;
      } else merged.push(span);
    }
    const last = merged.at(-1);
    if (last !== undefined && last.address + last.bytes === this.#end) {
      merged.pop();
      this.#end = last.address;
      this.freeBytes -= last.bytes;
    }
    this.#spans = merged;
  }

  /** Makes memory reach to an address, where it may. */
  #reach(end: number): boolean {
    const { byteLength } = this.#memory.buffer;
    if (end <= Math.min(byteLength, this.#limit)) return true;
    if (end > this.#limit) {
      this.#refusal = "the limit is reached";
      return false;
    }
    // A quarter more than needed, so that many small tensors do not grow it one by one.
    for (const wanted of [Math.max(end, Math.min(this.#limit, byteLength * 1.25)), end]) {
      try {
        this.#memory.grow(Math.ceil((wanted - byteLength) / PAGE));
        return true;
      } catch (error) {
        this.#refusal = (error as Error).message;
      }
    }
    return false;
  }
}
