/**
 * Backends: where kernels run.
 *
 * @module
 */
export { firstDifference } from "./capture/compare.ts";
export { Notes, noting } from "./capture/notes.ts";
export { Replay } from "./capture/replay.ts";
export { CpuDevice, type CpuOptions } from "./cpu/device.ts";
export type { OpenCpuOptions } from "./cpu/open.ts";
export { DeviceBuffer } from "./buffer.ts";
export type {
  BackendName,
  BoundCall,
  Device,
  Observer,
  Operand,
  PreparedCalls,
  Sharing,
} from "./device.ts";
export { Ledger } from "./ledger.ts";
export { type DeviceChoice, openDevice, type OpenOptions } from "./open.ts";
export * from "./profile/mod.ts";
export * from "./tuner/mod.ts";
export { ReferenceDevice } from "./reference/device.ts";
export { WebGpuDevice } from "./webgpu/device.ts";
export { Choices } from "./webgpu/choices/choices.ts";
export type { DispatchTime } from "./webgpu/pass_timer.ts";
export type { AdapterOptions } from "./webgpu/adapter.ts";
