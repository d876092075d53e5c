/**
 * Training and evaluation, on clean images and on adversarial ones.
 *
 * @module
 */
export { evaluate, type EvaluateOptions, type Evaluation } from "./evaluate.ts";
export { updateBatchNorm, type UpdateBatchNormOptions } from "./batch_norm.ts";
export { type EpochFigures, fit, type FitOptions } from "./fit.ts";
export type { FitPosition } from "./position.ts";
export { loadRun, saveRun } from "./run_state.ts";
export { type Snapshot, snapshot } from "./snapshot.ts";
export type { Sums } from "./tally.ts";
export type { OnProgress, Progress } from "./progress.ts";
export {
  type AdversarialTraining,
  type Mix,
  type StepFigures,
  type StepOptions,
  trainStep,
} from "./step.ts";
