/**
 * What is to be done on a GPU's queue, one after the other. Shaders compile beside the rest, several
 * at a time; what needs one that is not ready waits, and everything that was asked for later waits
 * behind it, so that the GPU gets all in the order in which it was asked for.
 *
 * @module
 */
import type { Pipeline } from "./pipelines.ts";

/** Entries that may wait; more than that, and they are made to go on at once. */
const MOST_WAITING = 1 << 16;

interface Entry {
  readonly act: () => void;
  readonly pipeline: Pipeline | undefined;
}

/** Acts in their order. */
export class Line {
  readonly #onError: (error: unknown) => void;
  readonly #entries: Entry[] = [];
  #next = 0;
  #moved: Promise<void> | undefined;

  /** `onError` hears what an act throws that had to wait; the others go on. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Resolves when nothing waits any more; undefined when nothing does. */
  get moved(): Promise<void> | undefined {
    return this.#moved;
  }

  /** Whether an act that needs this pipeline, if any, would have to wait. */
  holds(pipeline?: Pipeline): boolean {
    return this.#moved !== undefined || pipeline?.gpu === null;
  }

  /** Acts at once, or once the pipeline is ready and all that came before has been done. */
  add(act: () => void, pipeline?: Pipeline): void {
    if (!this.holds(pipeline)) return act();
    this.#entries.push({ act, pipeline });
    this.#moved ??= this.#move();
    if (this.#entries.length - this.#next > MOST_WAITING) this.#hurry();
  }

  /** Forgets what waits. */
  drop(): void {
    this.#entries.length = this.#next = 0;
  }

  async #move(): Promise<void> {
    while (this.#next < this.#entries.length) {
      const { act, pipeline } = this.#entries[this.#next]!;
      if (pipeline?.gpu === null) {
        // Meanwhile all of them may have been done, or dropped.
        await pipeline.compiled;
        continue;
      }
      this.#next++;
      this.#do(act);
    }
    this.drop();
    this.#moved = undefined;
  }

  #do(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Compiles here and now what is not ready, for a loop that never waits. */
  #hurry(): void {
    while (this.#next < this.#entries.length) {
      const { act, pipeline } = this.#entries[this.#next++]!;
      pipeline?.compile();
      this.#do(act);
    }
  }
}
