// Kernels on the cpu device against the same kernels on the reference device, with one, two and three threads.

import { type Device, openDevice, type Operand } from "../../src/backend/mod.ts";
import type { DType, TypedArray } from "../../src/dtype.ts";
import type { Kernel } from "../../src/kernels/mod.ts";
import { formatShape, sameShape, type Shape, sizeOf } from "../../src/shape.ts";
import { assertClose, cpu, cpuAlone, reference, type Tolerance } from "./devices.ts";
import { integers, numbers } from "./numbers.ts";
import { host, type HostTensor } from "./parity.ts";

/** Cpu devices with one, two and three threads. */
export const crews: readonly Device[] = [
  cpuAlone,
  cpu,
  await openDevice("cpu", { threads: 3 }),
];

/** One call; `state` is what a kernel updates in place. */
export interface CpuCase<P> {
  readonly inputs: readonly HostTensor[];
  readonly params: P;
  readonly state?: readonly HostTensor[];
}

/** Shape, type and elements of every output. */
export async function outputsOn<P>(
  device: Device,
  kernel: Kernel<P>,
  { inputs, params, state = [] }: CpuCase<P>,
): Promise<readonly HostTensor[]> {
  const place = ({ shape, dtype, data }: HostTensor): Operand => {
    return { shape, dtype, buffer: device.upload(data, dtype) };
  };
  const operands = inputs.map(place), updates = state.map(place);
  const outputs = device.run(kernel, operands, params, updates);
  const data = await device.read(outputs.map(({ buffer }) => buffer));
  for (const { buffer } of [...operands, ...outputs]) buffer.release();
  return outputs.map(({ shape, dtype }, i) => ({ shape, dtype, data: data[i]! }));
}

function fallbacks(device: Device): number {
  return [...device.ledger.counters].reduce((sum, [name, count]) => {
    return name.startsWith("fallback ") ? sum + count : sum;
  }, 0);
}

function firstDifference(a: TypedArray, b: TypedArray): number {
  return a.findIndex((value, i) => !Object.is(value, b[i]));
}

/** Compares with the reference, and bit by bit between numbers of threads. */
export async function assertCpu<P>(
  kernel: Kernel<P>,
  call: CpuCase<P>,
  tolerance: Tolerance = { rtol: 0, atol: 0 },
): Promise<void> {
  const shapes = call.inputs.map(({ shape, dtype }) => `${dtype} ${formatShape(shape)}`).join(" ");
  const what = `${kernel.name} of ${shapes} with ${JSON.stringify(call.params) ?? "nothing"}`;
  const before = crews.map(fallbacks);
  const want = await outputsOn(reference, kernel, call);
  const results: (readonly HostTensor[])[] = [];
  for (const device of crews) results.push(await outputsOn(device, kernel, call));
  crews.forEach((device, i) => {
    if (fallbacks(device) > before[i]!) throw new Error(`${what}: it ran its reference twin`);
  });
  want.forEach(({ shape, dtype, data }, i) => {
    const got = results[0]![i]!;
    if (!sameShape(got.shape, shape) || got.dtype !== dtype) {
      throw new Error(`${what}: got ${got.dtype} ${got.shape}, wanted ${dtype} ${shape}`);
    }
    assertClose(got.data, data, tolerance, what);
    for (const other of results.slice(1)) {
      const at = firstDifference(got.data, other[i]!.data);
      if (at >= 0) throw new Error(`${what}: threads change output ${i} at index ${at}`);
    }
  });
}

/** Numbers from `low` to `high`. */
export function uniform(
  shape: Shape,
  seed: number,
  [low, high]: readonly [number, number] = [-1, 1],
): HostTensor {
  const middle = (low! + high!) / 2, reach = (high! - low!) / 2;
  return host(shape, numbers(sizeOf(shape), seed).map((value) => middle + reach * value));
}

/** Whole numbers from `low` to `high` - 1, of any type. */
export function whole(
  shape: Shape,
  seed: number,
  { low = 0, high = 10, dtype = "i32" }: {
    readonly low?: number;
    readonly high?: number;
    readonly dtype?: DType;
  } = {},
): HostTensor {
  return host(shape, integers(sizeOf(shape), high - low, seed).map((value) => value + low), dtype);
}
