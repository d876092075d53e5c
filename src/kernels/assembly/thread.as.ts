/** Scratch memory of this thread: packed panels of a matrix product. */

// The same numbers as in src/backend/cpu/layout.ts; a test compares them.
export const SCRATCH: usize = 65536;
export const SCRATCH_BYTES: usize = 1 << 20;

/** Where this thread's scratch memory begins. */
export let scratch: usize = SCRATCH;

/** Tells this instance which thread it serves. */
export function start(thread: i32): void {
  scratch = SCRATCH + <usize> thread * SCRATCH_BYTES;
}
