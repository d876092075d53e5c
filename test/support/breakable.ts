// A WebGPU device that gets lost when a test says so.

import { WebGpuDevice } from "../../src/backend/mod.ts";
import { findAdapter, requestDevice } from "../../src/backend/webgpu/adapter.ts";
import { reopenAdapter } from "../../src/backend/webgpu/open.ts";

/** A device and its loss. */
export interface Breakable {
  readonly device: WebGpuDevice;
  /** Destroys the GPUDevice behind it, as a crash of a driver does. */
  lose(): void;
  /** How often it was opened again. */
  readonly reopened: number;
}

/** Opens one on the adapter of the suites. */
export async function openBreakable(): Promise<Breakable> {
  const found = await findAdapter();
  let gpu = await requestDevice(found), reopened = 0;
  async function reopen(): Promise<GPUDevice> {
    reopened++;
    return gpu = await reopenAdapter(found);
  }
  return {
    device: new WebGpuDevice(gpu, { ...found, reopen }),
    lose: () => gpu.destroy(),
    get reopened() {
      return reopened;
    },
  };
}
