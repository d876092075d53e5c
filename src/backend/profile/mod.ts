/**
 * Profiling: the counting device and the kernel report.
 *
 * @module
 */
export { type Gpu, GPUS, LEAST_SECONDS, predictSeconds, REACHED, type Work } from "./gpus.ts";
export { type DispatchRow, kernelReport, type KernelRow } from "./kernel_report.ts";
export {
  type KernelTime,
  profile,
  type ProfileOptions,
  type ProfileProgress,
  type StepCounts,
  type StepProfile,
} from "./profile.ts";
export type { KernelCall } from "./watch.ts";
