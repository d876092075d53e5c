/**
 * The allocator of the WebAssembly memory: four size classes per power of two, a free list for
 * each, fresh memory from the end. Blocks start on cache lines and never move.
 *
 * @module
 */
import { BackendError } from "../../errors.ts";
import { PAGE } from "./layout.ts";

/** Bytes of a cache line, and of the smallest block. */
const LINE = 64;

/** The class that holds `bytes`: the smallest of 64 (1, 1.25, 1.5, 1.75) 2^k that is enough. */
export function blockSize(bytes: number): number {
  if (bytes <= LINE) return LINE;
  const power = 2 ** Math.floor(Math.log2(bytes - 1));
  const step = Math.max(power / 4, LINE);
  return Math.ceil(bytes / step) * step;
}

/** Hands out blocks of a memory. */
export class Heap {
  readonly #memory: WebAssembly.Memory;
  readonly #limit: number;
  readonly #free: Map<number, number[]> = new Map();
  #end: number;
  /** Bytes in blocks that are free to use again. */
  freeBytes = 0;

  /** `start` is the first byte that may be used, `limit` the most bytes of the whole memory. */
  constructor(memory: WebAssembly.Memory, start: number, limit: number) {
    this.#memory = memory;
    this.#end = start;
    this.#limit = limit;
  }

  /**
   * The address of a block with room for `bytes`.
   *
   * @throws BackendError when the memory may not grow so far; blocks handed out before stay.
   */
  take(bytes: number, what: string): number {
    const size = blockSize(bytes);
    const reused = this.#free.get(size)?.pop();
    if (reused !== undefined) {
      this.freeBytes -= size;
      return reused;
    }
    const address = this.#end;
    this.#grow(address + size, bytes, what);
    this.#end = address + size;
    return address;
  }

  /** Takes a block back that `take(bytes)` gave. */
  give(address: number, bytes: number): void {
    const size = blockSize(bytes);
    const list = this.#free.get(size);
    if (list === undefined) this.#free.set(size, [address]);
    else list.push(address);
    this.freeBytes += size;
  }

  #grow(end: number, bytes: number, what: string): void {
    const missing = end - this.#memory.buffer.byteLength;
    if (missing <= 0) return;
    // A quarter more than needed, so that many small tensors do not grow it one by one.
    const room = this.#limit - this.#memory.buffer.byteLength;
    const wanted = Math.max(missing, Math.min(room, this.#memory.buffer.byteLength / 4));
    try {
      if (end > this.#limit) throw new RangeError("the limit is reached");
      this.#memory.grow(Math.ceil(wanted / PAGE));
    } catch (cause) {
      throw new BackendError(
        `Cannot allocate ${bytes} bytes for ${what}: ${this.#end} of at most ${this.#limit} bytes ` +
          `are in use (${
            (cause as Error).message
          }), use smaller batches or dispose what is not needed`,
      );
    }
  }
}
