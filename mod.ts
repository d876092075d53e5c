/**
 * tapegrad: reverse-mode automatic differentiation with hand-written WebGPU compute shaders, the
 * layers and models of a CNN course, and adversarial attacks built directly on the tape.
 *
 * @example
 * ```ts
 * import { init, tensor } from "tapegrad";
 * await init({ device: "cpu" });
 * const x = tensor([1, 2, 3], { requiresGrad: true });
 * x.square().sum().backward();
 * await x.grad!.data(); // [2, 4, 6]
 * ```
 *
 * @module
 */
export * from "./src/dtype.ts";
export * from "./src/errors.ts";
export * from "./src/random.ts";
export * from "./src/scope.ts";
export * from "./src/shape.ts";
export type {
  Candidate,
  CpuCall,
  CpuProgram,
  Dispatch,
  Epilogue,
  HostOperand,
  Joint,
  Kernel,
  PartsSum,
  Program,
  Spec,
  WayFigures,
} from "./src/kernels/mod.ts";
export {
  type Device,
  type DeviceChoice,
  forgetTuning,
  GPUS,
  kernelReport,
  LEAST_SECONDS,
  openDevice,
  predictSeconds,
  profile,
  REACHED,
  tune,
} from "./src/backend/mod.ts";
export type {
  AdapterOptions,
  BackendName,
  BoundCall,
  CpuOptions,
  DeviceBuffer,
  DispatchRow,
  DispatchTime,
  Gpu,
  KernelCall,
  KernelRow,
  KernelTime,
  Ledger,
  Observer,
  OpenCpuOptions,
  OpenOptions,
  Operand as DeviceOperand,
  PreparedCalls,
  ProfileOptions,
  ProfileProgress,
  Sharing,
  StepCounts,
  StepProfile,
  TunedCall,
  TuneOptions,
  TuneProgress,
  TuneReport,
  WayTrial,
  Work,
} from "./src/backend/mod.ts";
export type {
  AnyRule,
  Apply,
  Forward,
  GradcheckOptions,
  Node,
  Pullback,
  Rule,
  Run,
  Saves,
  ScalarFunction,
  TapeEntry,
  TapeReport,
  TensorFunction,
  ValueAndGradients,
  VjpContext,
} from "./src/autograd/mod.ts";
export { explain, grad, gradcheck, hvp, noGrad, valueAndGrad, vjp } from "./src/autograd/mod.ts";
export * from "./src/tensor/mod.ts";
export * from "./src/nn/mod.ts";
export * from "./src/attacks/mod.ts";
export * from "./src/data/mod.ts";
export * from "./src/train/mod.ts";
