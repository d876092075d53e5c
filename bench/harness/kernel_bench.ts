/**
 * Benchmarks of kernels: operands on the device, one kernel, nothing else.
 *
 * @module
 */
import type { Device, Operand } from "../../src/backend/mod.ts";
import { bytesPer, type TypedArray } from "../../src/dtype.ts";
import type { Kernel, Spec } from "../../src/kernels/mod.ts";
import { formatShape, sizeOf } from "../../src/shape.ts";
import type { Tolerance } from "./compare.ts";
import type { Data } from "./data.ts";
import { addWork, costOf, type CurvePoint, type Subject, type Work } from "./work.ts";

/** Parameters, which kernels without parameters leave out. */
type WithParams<P> = [P] extends [void] ? { readonly params?: undefined } : { readonly params: P };

/** One call of a kernel. */
export type KernelCall<P> = WithParams<P> & {
  readonly inputs: readonly Data[];
  /** The state that the kernel updates. */
  readonly updates?: readonly Data[];
  /** Bytes that have to be moved, for kernels that read a part of an operand. Default: all. */
  readonly bytes?: number;
  /**
   * Compare only this many rows of the result, spread from the first to the last, because all would
   * keep the reference device too long. Row i of the result must depend on row i of the first
   * operand and on no other.
   */
  readonly sampleRows?: number;
  /** Where the row stands on a curve of rates against sizes. Default: on none. */
  readonly point?: CurvePoint;
};

/** Times a kernel. `calls` are the rows, by name. */
export function benchKernel<P>(
  kernel: Kernel<P>,
  tolerance: Tolerance,
  calls: Readonly<Record<string, KernelCall<P>>>,
): void {
  for (const [name, call] of Object.entries(calls)) {
    addWork(kernelWork(kernel, tolerance, [name, call]));
  }
}

function bytesOf(specs: readonly Spec[]): number {
  return specs.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * bytesPer(dtype), 0);
}

function kernelWork<P>(
  kernel: Kernel<P>,
  tolerance: Tolerance,
  [name, call]: readonly [string, KernelCall<P>],
): Work {
  const { inputs, updates = [], sampleRows } = call;
  const params = call.params as P;
  const outputs = kernel.outputs(inputs, params);
  const flops = kernel.flops?.(inputs, outputs, params) ??
    outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const shapes = (specs: readonly Spec[]) => specs.map(({ shape }) => formatShape(shape)).join(" ");
  const work = {
    name: `${kernel.name} ${name}`,
    about: `${shapes(inputs)} -> ${shapes(outputs)}`,
    flops,
    // State is read and written.
    bytes: call.bytes ?? bytesOf(inputs) + bytesOf(outputs) + bytesOf(updates),
    tolerance,
    point: call.point,
    prepare: (device: Device) => subjectOn(device, kernel, { inputs, updates, params }),
  };
  const rows = sampleRows === undefined ? undefined : spread(inputs[0]!.shape[0]!, sampleRows);
  const checked = rows === undefined ? inputs : [pickRows(inputs[0]!, rows), ...inputs.slice(1)];
  return {
    ...work,
    async expected(reference) {
      const subject = subjectOn(reference, kernel, { inputs: checked, updates, params });
      const results = await subject.results();
      subject.close();
      return results;
    },
    compared(results) {
      return rows === undefined
        ? results
        : results.map((data, r) => pickFrom(outputs[r]!, data, rows));
    },
    expectedCost: rows === undefined
      ? costOf(work)
      : costOf(work) * rows.length / inputs[0]!.shape[0]!,
  };
}

function subjectOn<P>(
  device: Device,
  kernel: Kernel<P>,
  call: {
    readonly inputs: readonly Data[];
    readonly updates: readonly Data[];
    readonly params: P;
  },
): Subject {
  const place = ({ shape, dtype, elements }: Data): Operand => {
    return { shape, dtype, buffer: device.upload(elements(), dtype) };
  };
  const inputs = call.inputs.map(place), updates = call.updates.map(place);
  // State stays; it comes back as the first outputs.
  const release = (outputs: readonly Operand[]): void => {
    for (const { buffer } of outputs.slice(updates.length)) buffer.release();
  };
  return {
    call() {
      release(device.run(kernel, inputs, call.params, updates));
    },
    async results() {
      const outputs = device.run(kernel, inputs, call.params, updates);
      const data = await device.read(outputs.map(({ buffer }) => buffer));
      release(outputs);
      return data;
    },
    close() {
      for (const { buffer } of [...inputs, ...updates]) buffer.release();
    },
  };
}

/** `count` of the numbers 0 to size - 1, first and last among them. */
function spread(size: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => Math.round(i * (size - 1) / (count - 1)));
}

function pickFrom({ shape }: Spec, data: TypedArray, rows: readonly number[]): TypedArray {
  const length = sizeOf(shape.slice(1));
  const picked = data.slice(0, rows.length * length);
  rows.forEach((row, i) => {
    picked.set(data.subarray(row * length, (row + 1) * length), i * length);
  });
  return picked;
}

function pickRows(data: Data, rows: readonly number[]): Data {
  return {
    shape: [rows.length, ...data.shape.slice(1)],
    dtype: data.dtype,
    elements: () => pickFrom(data, data.elements(), rows),
  };
}
