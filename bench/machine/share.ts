/**
 * What a rate is worth: its share of what the machine can do with as many threads.
 *
 * @module
 */
import { isArithmetic, type Work } from "../harness/work.ts";

/** What a device could do, in billions of operations or of bytes a second. */
export interface Limits {
  /** Multiply-adds of one thread, or of a whole GPU. */
  readonly peak: number;
  /** Copying from memory to memory, with as many threads as the work has: read and written. */
  readonly copy: number;
}

/** A share of a limit; above 1 for memory where caches hold the operands. */
export interface Share {
  readonly of: "peak" | "memory";
  readonly share: number;
}

/** Arithmetic is measured by the multiply-adds of its threads, everything else by memory. A GPU has one. */
export function shareOf(
  work: Pick<Work, "flops" | "bytes">,
  rates: { readonly gflops: number; readonly gbs: number },
  { threads = 1, limits }: { readonly threads?: number; readonly limits: Limits },
): Share {
  if (!isArithmetic(work)) return { of: "memory", share: rates.gbs / limits.copy };
  return { of: "peak", share: rates.gflops / (limits.peak * threads) };
}
