/**
 * What the main job does, in numbers.
 *
 * @module
 */

/** Sizes and budgets of the main job. Pixels lie in [0, 1]. */
export interface DemoSettings {
  readonly seed: number;
  /** Digits to train on and to test on. */
  readonly trainSize: number;
  readonly testSize: number;
  /** Test digits that are attacked: the first ones. */
  readonly attackSize: number;
  readonly batchSize: number;
  /** Passes over the training digits, per network. */
  readonly epochs: number;
  /** Highest learning rate of the one-cycle schedule. */
  readonly lr: number;
  /** Budget of the sign step in adversarial training. */
  readonly trainEps: number;
  /** Budgets to compare, in the largest change of a pixel. */
  readonly eps: readonly number[];
  /** Steps of the multi-step attacks. */
  readonly steps: number;
  /** The class that the targeted attack aims at. */
  readonly target: number;
}

/** The whole job. */
export const FULL: DemoSettings = {
  seed: 1,
  trainSize: 8000,
  testSize: 2000,
  attackSize: 500,
  batchSize: 64,
  epochs: 5,
  lr: 5e-3,
  trainEps: 0.1,
  eps: [0.025, 0.05, 0.1, 0.15, 0.2, 0.3],
  steps: 20,
  target: 3,
};

/** The same in little, for a quick look and for continuous integration. */
export const SHORT: DemoSettings = {
  ...FULL,
  trainSize: 1600,
  testSize: 400,
  attackSize: 100,
  eps: [0.05, 0.1],
  epochs: 2,
  steps: 5,
};
