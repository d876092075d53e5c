/**
 * Opening the cpu device.
 *
 * @module
 */
import { canShareMemory, parallelism } from "#platform";
import { CpuDevice, type CpuOptions } from "./device.ts";
import { loadModule } from "./module.ts";

/** How to open the cpu device. */
export interface OpenCpuOptions extends CpuOptions {
  /**
   * Threads that work on a call; results do not depend on it. Default: one per processor, one on
   * pages that are not cross-origin isolated.
   */
  readonly threads?: number;
}

/** The most threads that are worth their scratch memory. */
const MOST_THREADS = 32;

/** Opens the cpu device. */
export async function openCpu(options: OpenCpuOptions = {}): Promise<CpuDevice> {
  const { threads = canShareMemory() ? Math.min(parallelism(), MOST_THREADS) : 1 } = options;
  if (!Number.isInteger(threads) || threads < 1 || threads > MOST_THREADS) {
    throw new RangeError(
      `Cannot open the cpu device with ${threads} threads: it must be a whole number from 1 to ` +
        `${MOST_THREADS}`,
    );
  }
  if (threads > 1 && !canShareMemory()) {
    throw new RangeError(
      `Cannot open the cpu device with ${threads} threads on a page that is not cross-origin ` +
        "isolated: serve it with COOP and COEP headers, or use 1",
    );
  }
  return new CpuDevice(await loadModule(threads), threads, options);
}
