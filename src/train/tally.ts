/**
 * Figures of an epoch: they wait on the device and are read back rarely, all in one go.
 *
 * @module
 */
import type { StepFigures } from "./step.ts";

/** Figures of an epoch so far. */
export interface Sums {
  /** Sum of the losses of all steps. */
  readonly loss: number;
  /** Images predicted right. */
  readonly correct: number;
  /** Images. */
  readonly seen: number;
  /** Steps. */
  readonly steps: number;
}

/** Those of an epoch that begins. */
export const NO_SUMS: Sums = { loss: 0, correct: 0, seen: 0, steps: 0 };

/** Sums of figures that wait on the device. */
export class Tally {
  loss: number;
  correct: number;
  seen: number;
  steps: number;
  readonly #waiting: StepFigures[] = [];

  constructor({ loss, correct, seen, steps }: Sums = NO_SUMS) {
    this.loss = loss;
    this.correct = correct;
    this.seen = seen;
    this.steps = steps;
  }

  get sums(): Sums {
    const { loss, correct, seen, steps } = this;
    return { loss, correct, seen, steps };
  }

  add(figures: StepFigures): void {
    this.#waiting.push(figures);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Reads what waits, in one go. */
  async settle(): Promise<void> {
    const waiting = this.#waiting.splice(0);
    const tensors = waiting.flatMap(({ loss, correct }) => [loss, correct]);
    if (tensors.length === 0) return;
    let values;
    try {
      values = await tensors[0]!.device.read(tensors.map((tensor) => tensor.buffer));
    } finally {
      for (const tensor of tensors) tensor.dispose();
    }
    waiting.forEach(({ seen }, i) => {
      this.loss += values[2 * i]![0]!;
      this.correct += values[2 * i + 1]![0]!;
      this.seen += seen;
      this.steps++;
    });
  }

  drop(): void {
    for (const { loss, correct } of this.#waiting.splice(0)) {
      loss.dispose();
      correct.dispose();
    }
  }
}
