// A GPUDevice that computes nothing, with the default limits of WebGPU: to count what a step asks of a
// GPU, however large it is.

import { WebGpuDevice } from "../../src/backend/mod.ts";

const LIMITS = {
  maxBufferSize: 256 * 2 ** 20,
  maxStorageBufferBindingSize: 128 * 2 ** 20,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupsPerDimension: 65535,
};

function buffer({ size }: { readonly size: number }) {
  const data = new ArrayBuffer(size);
  return {
    size,
    destroy() {},
    mapAsync: () => Promise.resolve(),
    getMappedRange: (from: number, bytes: number) => data.slice(from, from + bytes),
    unmap() {},
  };
}

function encoder() {
  const pass = { setPipeline() {}, setBindGroup() {}, dispatchWorkgroups() {}, end() {} };
  return { beginComputePass: () => pass, copyBufferToBuffer() {}, finish: () => ({}) };
}

/**
 * A device on which every result is 0. Kernels are those for a GPU. `whenDone` is what waits for the end
 * of what was submitted wait for. Default: it is done at once.
 */
export function nullDevice(
  whenDone: () => Promise<undefined> = () => Promise.resolve(undefined),
): WebGpuDevice {
  const made = () => ({});
  const gpu = {
    limits: LIMITS,
    lost: new Promise(() => {}),
    queue: { writeBuffer() {}, submit() {}, onSubmittedWorkDone: whenDone },
    addEventListener() {},
    pushErrorScope() {},
    popErrorScope: () => Promise.resolve(null),
    createBuffer: buffer,
    createShaderModule: made,
    createComputePipeline: made,
    createBindGroupLayout: made,
    createPipelineLayout: made,
    createBindGroup: made,
    createCommandEncoder: encoder,
    destroy() {},
  };
  const about = { description: "null device", software: false };
  return new WebGpuDevice(gpu as unknown as GPUDevice, about);
}
