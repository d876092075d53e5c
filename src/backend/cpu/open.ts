/**
 * Opening the cpu device.
 *
 * @module
 */
import { canShareMemory, parallelism } from "#platform";
import { CpuDevice, type CpuOptions } from "./device.ts";
import { type KernelModule, loadModule, WorkerError } from "./module.ts";

/** How to open the cpu device. */
export interface OpenCpuOptions extends CpuOptions {
  /**
   * Threads that work on a call; results do not depend on it. Default: one per processor, one on
   * pages that are not cross-origin isolated or whose policy allows no workers.
   */
  readonly threads?: number;
}

/** The most threads that are worth their scratch memory. */
const MOST_THREADS = 32;

/**
 * Opens the cpu device.
 *
 * @throws RangeError when `threads` is out of range, or above 1 where threads cannot share memory.
 * @throws BackendError when the engine lacks WebAssembly SIMD, or the threads cannot be started.
 */
export async function openCpu(options: OpenCpuOptions = {}): Promise<CpuDevice> {
  const { threads } = options;
  if (threads === undefined) return await openDefault(options);
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
  return deviceOf(await loadModule(threads), options);
}

/** With a thread per processor, or with one where there can be no more. */
async function openDefault(options: CpuOptions): Promise<CpuDevice> {
  const threads = canShareMemory() ? Math.min(parallelism(), MOST_THREADS) : 1;
  try {
    return deviceOf(await loadModule(threads), options);
  } catch (error) {
    if (!(error instanceof WorkerError)) throw error;
    const reason = [options.reason, `one thread: ${error.reason}`].filter(Boolean).join("; ");
    return deviceOf(await loadModule(1), { ...options, reason });
  }
}

function deviceOf(module: KernelModule, options: CpuOptions): CpuDevice {
  return new CpuDevice(module, module.workers.length + 1, options);
}
