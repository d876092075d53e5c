/**
 * The worker, seen from the page.
 *
 * @module
 */
import type { Message, Order } from "./messages.ts";

/** What the page does with what the worker says. */
export interface Listener {
  onMessage(message: Message): void;
  /** The worker is gone. */
  onError(reason: string): void;
}

/** A worker that is ended and started anew. */
export class Bench {
  readonly #listener: Listener;
  #worker: Worker | undefined;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** Opens the devices, unless they are open. */
  open(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = this.#worker = new Worker("worker.js", { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Message>) => this.#listener.onMessage(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.end();
      this.#listener.onError(event.message || "its program could not be loaded");
    };
    return worker;
  }

  /** Runs works; what becomes of them comes as messages. */
  run(order: Order): void {
    this.open().postMessage(order);
  }

  /** Ends whatever runs, at once; the next run opens the devices again. */
  end(): void {
    if (this.#worker === undefined) return;
    // What it has sent and nobody has read yet must not arrive in the next run.
    this.#worker.onmessage = this.#worker.onerror = null;
    this.#worker.terminate();
    this.#worker = undefined;
  }
}
