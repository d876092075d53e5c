/**
 * How work on the cpu is cut into tasks. It depends on the shapes only, never on the number of
 * threads, so that results do not either.
 *
 * @module
 */

/** Work that is worth a task of its own: some 30 microseconds. */
const TASK_FLOPS = 1.5e6;
/** As many tasks as keep the threads of a large machine busy to the end. */
const MOST_TASKS = 64;

/** Tasks that this much work is worth. */
export function tasksFor(flops: number): number {
  return Math.max(1, Math.min(MOST_TASKS, Math.floor(flops / TASK_FLOPS)));
}

/** Cuts `size` into `parts` equal blocks, of a multiple of `unit`: how large they are. */
export function blockOf(size: number, parts: number, unit = 1): number {
  return Math.max(1, Math.ceil(size / Math.max(1, parts) / unit)) * unit;
}

/** Cuts `size` into as few equal blocks of at most `most` as there can be: how large they are. */
export function blockUpTo(size: number, most: number): number {
  return blockOf(size, Math.ceil(size / Math.max(1, Math.min(size, Math.floor(most)))));
}
