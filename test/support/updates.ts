// Kernels that work in place, on WebGPU against the reference device.

import type { Device, Operand } from "../../src/backend/mod.ts";
import type { Kernel } from "../../src/kernels/mod.ts";
import { assertClose, reference, type Tolerance, webgpu } from "./devices.ts";
import type { HostTensor } from "./parity.ts";

/** One call, made `times` times on the same state. */
export interface Update<P> {
  readonly inputs: readonly HostTensor[];
  readonly state: readonly HostTensor[];
  readonly params: P;
  readonly times?: number;
}

/** The state after a kernel worked on it. */
export async function updateOn<P>(
  device: Device,
  kernel: Kernel<P>,
  { inputs, state, params, times = 1 }: Update<P>,
): Promise<number[][]> {
  const [operands, moved] = [inputs, state].map((tensors) =>
    tensors.map(({ shape, dtype, data }): Operand => {
      return { shape, dtype, buffer: device.upload(data, dtype) };
    })
  ) as [Operand[], Operand[]];
  for (let i = 0; i < times; i++) device.run(kernel, operands, params, moved);
  const data = await device.read(moved.map(({ buffer }) => buffer));
  for (const { buffer } of [...operands, ...moved]) buffer.release();
  return data.map((values) => [...values]);
}

/** Does nothing where there is no WebGPU. */
export async function assertUpdateParity<P>(
  kernel: Kernel<P>,
  call: Update<P>,
  tolerance: Tolerance,
): Promise<void> {
  if (webgpu === undefined) return;
  const got = await updateOn(webgpu, kernel, call);
  const want = await updateOn(reference, kernel, call);
  want.forEach((values, i) => assertClose(got[i]!, values, tolerance, `${kernel.name} state ${i}`));
}
