/**
 * The kernel report: for every kernel call of a step, what its shaders and operands tell of its
 * speed on a GPU. Needs no GPU: shaders are text, made for the shapes of the call.
 *
 * @module
 */
import { bytesPer } from "../../dtype.ts";
import type { Spec } from "../../kernels/mod.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import { type Gpu, GPUS, predictSeconds } from "./gpus.ts";
import { shaderFigures } from "./shader.ts";
import type { KernelCall } from "./watch.ts";

/** One dispatch of a call. Null: the shader's text does not tell, or there is none. */
export interface DispatchRow {
  /** Workgroups. */
  readonly workgroups: number;
  /** Invocations of a workgroup. */
  readonly workgroupSize: number | null;
  /**
   * Elements that all invocations would write if no bounds check stopped them, for each that is
   * written: 1 is no waste. Null where few of the invocations write, as in reductions.
   */
  readonly edgeWaste: number | null;
  /** Bytes of workgroup memory. */
  readonly workgroupBytes: number | null;
  /**
   * Multiply-adds per number read from workgroup memory, in the innermost loop. Null without
   * workgroup memory, or where no loop multiplies what it reads there.
   */
  readonly fmaPerSharedRead: number | null;
}

/** One kernel call. */
export interface KernelRow {
  /** Name of the kernel. */
  readonly kernel: string;
  /** Shapes of what it reads and writes: `[2,3] [3,4] -> [2,4]`. */
  readonly shapes: string;
  /** Floating-point operations, by the kernel's own count. */
  readonly flops: number;
  /** Bytes of its operands, each once: read, written, or both for what is updated. */
  readonly bytes: number;
  /** Bytes between its dispatches: scratch, written and read. */
  readonly scratchBytes: number;
  /** Operations per byte of operands and scratch. */
  readonly flopsPerByte: number;
  /** Its dispatches; none when there is nothing to compute. */
  readonly dispatches: readonly DispatchRow[];
  /** PREDICTED seconds by name of GPU, see `predictSeconds`. */
  readonly predictedSeconds: Readonly<Record<string, number>>;
}

/**
 * The report on the kernel calls of a step, one row each, in their order.
 *
 * @param calls From `profile`.
 * @param gpus What to predict for. Default `GPUS`.
 * @throws BackendError for calls in f64, which WebGPU has not.
 */
export function kernelReport(
  calls: readonly KernelCall[],
  gpus: readonly Gpu[] = GPUS,
): readonly KernelRow[] {
  return calls.map((call) => rowOf(call, gpus));
}

function rowOf({ kernel, inputs, outputs, params }: KernelCall, gpus: readonly Gpu[]): KernelRow {
  const { scratch = [], dispatches } = kernel.webgpu(inputs, outputs, params);
  const operands = [...inputs, ...outputs, ...scratch];
  const updated = outputs.slice(0, kernel.updates ?? 0);
  const bytes = bytesOf([...inputs, ...outputs, ...updated]), scratchBytes = 2 * bytesOf(scratch);
  const flops = kernel.flops?.(inputs, outputs, params) ??
    outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const moved = bytes + scratchBytes;
  const rows = dispatches.map(({ code, operands: bound, workgroups: [x, y, z] }): DispatchRow => {
    const figures = shaderFigures(code), workgroups = x * y * z;
    const { workgroupSize, elementsPerInvocation } = figures;
    const useful = bound.filter((operand) => operand >= inputs.length)
      .reduce((sum, operand) => sum + sizeOf(operands[operand]!.shape), 0);
    const capacity = workgroups * (workgroupSize ?? NaN) * (elementsPerInvocation ?? NaN);
    return {
      workgroups,
      workgroupSize: workgroupSize ?? null,
      // Fewer places than elements: the text was not understood.
      edgeWaste: useful > 0 && capacity >= useful ? capacity / useful : null,
      workgroupBytes: figures.workgroupBytes ?? null,
      fmaPerSharedRead: figures.fmaPerSharedRead ?? null,
    };
  });
  const work = {
    flops,
    bytes: moved,
    dispatches: rows.length,
    workgroups: Math.max(0, ...rows.map(({ workgroups }) => workgroups)),
  };
  return {
    kernel: kernel.name,
    shapes: `${shapesOf(inputs)} -> ${shapesOf(outputs)}`.trim(),
    flops,
    bytes,
    scratchBytes,
    flopsPerByte: moved === 0 ? 0 : flops / moved,
    dispatches: rows,
    predictedSeconds: Object.fromEntries(gpus.map((gpu) => [gpu.name, predictSeconds(work, gpu)])),
  };
}

function bytesOf(specs: readonly Spec[]): number {
  return specs.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * bytesPer(dtype), 0);
}

function shapesOf(specs: readonly Spec[]): string {
  return specs.map(({ shape }) => formatShape(shape)).join(" ");
}
