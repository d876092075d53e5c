/**
 * The check of buffers that a caller brings for the results of a kernel.
 *
 * @module
 */
import { BackendError } from "../errors.ts";
import type { Kernel } from "../kernels/mod.ts";

/** Throws unless there is a buffer for everything that the kernel updates, or for every output. */
export function checkUpdates<P>(
  { name, updates = 0 }: Kernel<P>,
  given: number,
  outputs: number,
): void {
  if (given === updates || given === outputs) return;
  throw new BackendError(
    `Cannot run ${name}: it was given ${given} buffers to update, it updates ${updates} ` +
      `and has ${outputs} results`,
    { kernel: name },
  );
}
