/**
 * Where things lie in the one WebAssembly memory, in bytes. Below `HEAP` nothing moves.
 *
 * @module
 */

/** Words that threads share; each on a cache line of its own. */
export const CONTROL = {
  /** Pieces of the current call that nobody has taken yet. */
  open: 0,
  /** Pieces that are done. */
  done: 128,
  /** Goes up with every call; sleeping workers wait on it. */
  signal: 256,
  /** How many workers sleep. */
  sleeping: 384,
  /** 1 after a piece has failed. */
  failed: 512,
  /** 1 when workers must end. */
  quit: 640,
  /** The call: entry, address of its arguments, tasks, tasks per piece. */
  call: 768,
} as const;

/** Arguments of the current call. */
export const ARGUMENTS = 4096;
/** Bytes for them. */
export const ARGUMENT_BYTES = 4096;
/** Constants of the compiled module (its static data). */
export const STATIC = 8192;
/** Bytes for them. */
export const STATIC_BYTES = 57344;
/** Scratch memory of the threads, one after the other. */
export const SCRATCH: number = STATIC + STATIC_BYTES;
/** Bytes of scratch memory per thread: packed panels of a matrix product. */
export const SCRATCH_BYTES: number = 1 << 20;

/** Where tensors begin, for a number of threads. */
export function heapStart(threads: number): number {
  return SCRATCH + threads * SCRATCH_BYTES;
}

/** Bytes of a page of WebAssembly memory. */
export const PAGE = 65536;
/** Pages of 4 GiB, the most that 32-bit addresses reach. */
export const MOST_PAGES = 65536;
