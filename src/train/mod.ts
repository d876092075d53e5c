/**
 * Training and evaluation, on clean images and on adversarial ones.
 *
 * @module
 */
export { evaluate, type EvaluateOptions, type Evaluation } from "./evaluate.ts";
export { type EpochFigures, fit, type FitOptions, type FitPosition, type FitSums } from "./fit.ts";
export { loadRun, saveRun } from "./run_state.ts";
export type { OnProgress, Progress } from "./progress.ts";
export {
  type AdversarialTraining,
  type Mix,
  type StepFigures,
  type StepOptions,
  trainStep,
} from "./step.ts";
