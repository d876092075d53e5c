/**
 * What went wrong on a GPUDevice. WebGPU reports errors late and beside the call that made them;
 * here they are collected and thrown, the earliest first, by the next wait.
 *
 * @module
 */
import { BackendError } from "../../errors.ts";

/** Milliseconds that a loss may come after the errors that it causes. */
const GRACE = 50;

/** Errors of one device. */
export class Faults {
  /** Why the device is gone, once it is. */
  lost: Error | undefined;
  readonly #loss: Promise<void>;
  #order = 0;
  readonly #faults: { readonly order: number; readonly error: BackendError }[] = [];
  readonly #watched: Set<Promise<void>> = new Set();
  readonly #waiting: Set<(error: Error) => void> = new Set();

  constructor(device: GPUDevice, description: string) {
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#add(this.#order++, new BackendError(`WebGPU error: ${event.error.message}`));
    });
    this.#loss = device.lost.then((info) => {
      this.lose(
        new BackendError(
          `Cannot go on with ${description}: the device was lost (${
            info.message || info.reason || "no reason given"
          }), restore() it and load a snapshot or a checkpoint`,
        ),
      );
    });
  }

  /** Watches an error scope; `explain` puts its error into words. */
  watch(
    scope: Promise<GPUError | null>,
    explain: (error: GPUError) => BackendError | Promise<BackendError>,
  ): void {
    const order = this.#order++;
    const check = scope.then(async (error) => {
      if (error !== null) this.#add(order, await explain(error));
    }).catch((error: unknown) => {
      // Scopes of a lost device may reject; the loss itself is reported.
      if (this.lost === undefined) this.#add(order, new BackendError(`WebGPU error: ${error}`));
    }).finally(() => this.#watched.delete(check));
    this.#watched.add(check);
  }

  /** Ends the device: every wait, pending or later, is rejected. The first reason stays. */
  lose(error: Error): void {
    this.lost ??= error;
    for (const reject of this.#waiting) reject(this.lost);
    this.#waiting.clear();
  }

  /** Waits for the device, or until it is lost; throws what went wrong meanwhile. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    try {
      const value = await this.#race(promise);
      await this.settle();
      return value;
    } catch (error) {
      // A wait often fails because the device is gone, or of what was submitted before: that says more.
      if (this.lost === undefined) await this.#grace();
      if (this.lost !== undefined) throw this.lost;
      await this.settle();
      throw error;
    }
  }

  /** Engines may reject what waits on a lost device before they say that it is lost. */
  #grace(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, GRACE);
      void this.#loss.then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Waits for every watched scope; throws the earliest fault since the last time. */
  async settle(): Promise<void> {
    while (this.#watched.size > 0) await this.#race(Promise.all(this.#watched));
    if (this.#faults.length === 0) return;
    const first = this.#faults.reduce((a, b) => a.order <= b.order ? a : b);
    this.#faults.length = 0;
    throw first.error;
  }

  /** The promise, or a rejection as soon as the device is lost. */
  #race<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      promise.then(resolve, (error: unknown) => reject(this.lost ?? error))
        .finally(() => this.#waiting.delete(reject));
      if (this.lost !== undefined) reject(this.lost);
    });
  }

  #add(order: number, error: BackendError): void {
    // Enough to find the earliest; a failing loop must not fill the memory.
    if (this.#faults.length < 64) this.#faults.push({ order, error });
  }
}
