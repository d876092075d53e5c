/**
 * Where things lie in the one WebAssembly memory, in bytes. Below the heap nothing moves.
 *
 * @module
 */

/**
 * Words that threads share, apart from each other by more than a cache line. crew.as.ts says how
 * they work together.
 */
export const CONTROL = {
  /** Tasks of the current call that nobody has taken: first and end, in two words. */
  open: 0,
  /** Tasks of it that are done. */
  done: 128,
  /** Address of the current call. */
  call: 256,
  /** Address of the call after it. */
  next: 260,
  /** Where the program ends. */
  end: 264,
  /** Threads that take part. */
  threads: 268,
  /** Pages of the memory when the program began: what its calls may reach. */
  pages: 272,
  /** 1 while a program runs. */
  running: 384,
  /** Changes whenever there is something to do; who has nothing to do waits on it. */
  signal: 512,
  /** How many workers sleep. */
  sleeping: 640,
  /** 1 while the calling thread sleeps. */
  waiting: 768,
  /** Address of the call that failed. */
  failed: 896,
  /** 1 when workers must end. */
  quit: 1024,
  /** A program of one call. */
  single: 1152,
  /** What the failed call threw in a worker: length and letters, 16 bits each. */
  reason: 1280,
} as const;

/** Most letters of a reason. */
export const REASON_LETTERS = 500;

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
