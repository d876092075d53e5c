/**
 * What bench files are written with.
 *
 * @module
 */
export { EXACT, type Tolerance } from "./compare.ts";
export * from "./data.ts";
export { benchKernel, type KernelCall } from "./kernel_bench.ts";
export { benchStep, fill, place, type Step, type StepBench } from "./step_bench.ts";
