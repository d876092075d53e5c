/**
 * Firefox looks only every 100 ms whether the GPU is done, unless something is submitted.
 *
 * @module
 */

/** Submits nothing again and again until the promise is settled. */
export async function nudge<T>(queue: GPUQueue, promise: Promise<T>): Promise<T> {
  const timer = setInterval(() => queue.submit([]), 2);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
  }
}
