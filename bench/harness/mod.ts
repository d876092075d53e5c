/**
 * What bench files are written with.
 *
 * @module
 */
export { EXACT, type Tolerance } from "./compare.ts";
export * from "./data.ts";
export { benchKernel, type KernelCall } from "./kernel_bench.ts";
export { benchStep, place, type PlacedStep, type Step, type StepBench } from "./step_bench.ts";
