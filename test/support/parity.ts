// A kernel on WebGPU against the same kernel on the reference device.

import type { Device, Operand } from "../../src/backend/mod.ts";
import { type DType, toTypedArray, type TypedArray } from "../../src/dtype.ts";
import type { Kernel } from "../../src/kernels/mod.ts";
import { formatShape, sameShape, type Shape } from "../../src/shape.ts";
import { assertClose, reference, type Tolerance, webgpu } from "./devices.ts";

/** An operand on the host. */
export interface HostTensor {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: TypedArray;
}

/** An operand from numbers; f32 unless said otherwise. */
export function host(shape: Shape, values: ArrayLike<number>, dtype: DType = "f32"): HostTensor {
  return { shape, dtype, data: toTypedArray(dtype, values) };
}

/** Shape and elements of every output of one call. */
export async function runOn<P>(
  device: Device,
  kernel: Kernel<P>,
  call: { readonly inputs: readonly HostTensor[]; readonly params: P },
): Promise<readonly HostTensor[]> {
  const operands = call.inputs.map(({ shape, dtype, data }): Operand => {
    return { shape, dtype, buffer: device.upload(data, dtype) };
  });
  const outputs = device.run(kernel, operands, call.params);
  const data = await device.read(outputs.map(({ buffer }) => buffer));
  for (const { buffer } of [...operands, ...outputs]) buffer.release();
  return outputs.map(({ shape, dtype }, i) => ({ shape, dtype, data: data[i]! }));
}

/** Runs a call on both devices and compares. Does nothing where there is no WebGPU. */
export async function assertParity<P>(
  kernel: Kernel<P>,
  call: { readonly inputs: readonly HostTensor[]; readonly params: P },
  tolerance: Tolerance,
): Promise<void> {
  if (webgpu === undefined) return;
  const got = await runOn(webgpu, kernel, call);
  const want = await runOn(reference, kernel, call);
  const shapes = call.inputs.map(({ shape }) => formatShape(shape)).join(" ");
  const what = `${kernel.name} of ${shapes} with ${JSON.stringify(call.params) ?? "nothing"}`;
  want.forEach(({ shape, dtype, data }, i) => {
    const { shape: gotShape, dtype: gotType } = got[i]!;
    if (!sameShape(gotShape, shape) || gotType !== dtype) {
      throw new Error(`${what}: got ${gotType} ${gotShape}, wanted ${dtype} ${shape}`);
    }
    assertClose(got[i]!.data, data, tolerance, what);
  });
}
