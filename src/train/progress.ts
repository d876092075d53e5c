/**
 * What long work tells of itself. A function receives it; the terminal's bar is one such function.
 *
 * @module
 */

/** How far a piece of work is. */
export interface Progress {
  /** What is going on: "train, epoch 1 of 3". */
  readonly label: string;
  /** Units done so far. */
  readonly done: number;
  /** Units in all. */
  readonly total: number;
  /** Figures to show, by name: loss, accuracy. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Receives progress; called often, must be quick. */
export type OnProgress = (progress: Progress) => void;
