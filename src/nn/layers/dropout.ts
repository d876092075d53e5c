/**
 * Layers that drop values at random while training.
 *
 * @module
 */
import type { RandomStream } from "../../random.ts";
import type { DropoutOptions, Tensor } from "../../tensor/mod.ts";
import { Module } from "../module.ts";

/**
 * Training: y = x / (1 - p) with probability 1 - p, else 0, independent for every element.
 * Evaluation: y = x.
 */
export class Dropout extends Module {
  /** Probability of 0. */
  readonly p: number;
  /** What decides which elements are dropped; each call uses one step of it. */
  readonly random: RandomStream;

  /** `options.random` decides which elements are dropped. */
  constructor(p: number, options: Pick<DropoutOptions, "random">) {
    super();
    if (!(p >= 0 && p <= 1)) {
      throw new RangeError(`Cannot make Dropout: p is ${p}, it must be from 0 to 1`);
    }
    this.p = p;
    this.random = options.random;
  }

  /** x with elements dropped, or x itself in evaluation */
  override forward(x: Tensor): Tensor {
    if (!this.training) return x.alias(x.node);
    return x.dropout(this.p, { random: this.random });
  }

  /** Settings in the printed form. */
  protected override get settings(): string {
    return `p=${this.p}`;
  }
}
