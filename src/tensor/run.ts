/**
 * How kernels run on tensors: the device comes from the operands, results become tensors.
 *
 * @module
 */
import type { Run } from "../autograd/mod.ts";
import type { Device, Operand } from "../backend/mod.ts";
import { BackendError } from "../errors.ts";
import type { Kernel } from "../kernels/mod.ts";
import type { Tensor } from "./tensor.ts";

function operandOf({ buffer, shape, dtype }: Tensor): Operand {
  return { buffer, shape, dtype };
}

function commonDevice(name: string, tensors: readonly Tensor[]): Device {
  const device = tensors[0]!.device;
  const other = tensors.find((tensor) => tensor.device !== device);
  if (other === undefined) return device;
  throw new BackendError(
    `Cannot ${name} tensors on the devices ${device.backend} and ${other.device.backend}: ` +
      "all operands must be on one device, use to(device)",
  );
}

/** Makes `run`, given how a device's operand becomes a tensor. */
export function runner(wrap: (operand: Operand) => Tensor): Run {
  return function run<P>(
    kernel: Kernel<P>,
    inputs: readonly Tensor[],
    params: P,
    updates: readonly Tensor[] = [],
  ): readonly Tensor[] {
    const device = commonDevice(kernel.name, [...inputs, ...updates]);
    const outputs = device.run(kernel, inputs.map(operandOf), params, updates.map(operandOf));
    return outputs.slice(updates.length).map(wrap);
  };
}

/** Runs a kernel that overwrites state in place: parameters, moments. */
export function update<P>(
  kernel: Kernel<P>,
  inputs: readonly Tensor[],
  state: readonly Tensor[],
  params: P,
): void {
  const device = commonDevice(kernel.name, [...state, ...inputs]);
  device.run(kernel, inputs.map(operandOf), params, state.map(operandOf));
}
