/**
 * Measuring which kernels are best on an adapter.
 *
 * @module
 */
export type { WayTrial } from "./trial.ts";
export {
  forgetTuning,
  tune,
  type TunedCall,
  type TuneOptions,
  type TuneProgress,
  type TuneReport,
} from "./tune.ts";
