/**
 * Where measured choices of kernels are kept.
 *
 * @module
 */

/** A text that outlives the program. */
export interface TuningStore {
  /** Where it is, for people. */
  readonly place: string;
  /** The text; undefined when there is none, or it cannot be read. */
  read(): Promise<string | undefined>;
  /** Replaces the text, whole or not at all. */
  write(text: string): Promise<void>;
}
