/**
 * What threads of every platform have in common.
 *
 * @module
 */

/** A running thread. */
export interface Thread {
  /** Stops it, wherever it is. */
  end(): void;
}

/** What becomes of a thread. */
export interface ThreadEvents {
  /** Its program has called `ready()`. */
  onReady(): void;
  /** It has failed or ended, and end() was not called; with the reason. */
  onEnd(reason: string): void;
}
