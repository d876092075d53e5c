/**
 * Backends: where kernels run.
 *
 * @module
 */
export { CpuDevice, type CpuOptions } from "./cpu/device.ts";
export type { OpenCpuOptions } from "./cpu/open.ts";
export { DeviceBuffer } from "./buffer.ts";
export type { BackendName, Device, Operand } from "./device.ts";
export { Ledger } from "./ledger.ts";
export { type DeviceChoice, openDevice, type OpenOptions } from "./open.ts";
export { ReferenceDevice } from "./reference/device.ts";
export { WebGpuDevice } from "./webgpu/device.ts";
export type { AdapterOptions } from "./webgpu/adapter.ts";
