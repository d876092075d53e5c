/**
 * Tensors as text and as nested numbers, for people and for tests.
 *
 * @module
 */
import { isFloat, type TypedArray } from "../dtype.ts";
import { formatShape, type Shape, stridesOf } from "../shape.ts";
import type { NestedNumbers } from "./create.ts";
import type { Tensor } from "./tensor.ts";

/** How much is written. */
export interface FormatOptions {
  /** Beyond so many elements only the first and last three along each axis. Default 1000. */
  readonly maxItems?: number;
}

/** Columns of text before a row is continued on the next line. */
const WIDTH = 80;
/** Elements shown at each end of an axis that is cut short. */
const EDGE = 3;

/** The elements of a row-major array as nested arrays. */
export function nest(data: TypedArray, shape: Shape): NestedNumbers {
  const strides = stridesOf(shape);
  function part(axis: number, start: number): NestedNumbers {
    if (axis === shape.length) return data[start]!;
    return Array.from(
      { length: shape[axis]! },
      (_, k) => part(axis + 1, start + k * strides[axis]!),
    );
  }
  return part(0, 0);
}

/** The places along an axis that are shown; null stands for those left out. */
function shown(size: number, short: boolean): (number | null)[] {
  const all = Array.from({ length: size }, (_, k) => k);
  return short && size > 2 * EDGE ? [...all.slice(0, EDGE), null, ...all.slice(-EDGE)] : all;
}

/** How one number is written, so that all of them are easy to compare. */
function numberFormat(values: readonly number[], float: boolean): (value: number) => string {
  if (!float) return String;
  const sizes = values.filter(Number.isFinite).map(Math.abs).filter((size) => size > 0);
  const most = Math.max(0, ...sizes), least = Math.min(most, ...sizes);
  const whole = sizes.every(Number.isInteger);
  const exponent = most >= 1e8 || (!whole && (least < 1e-4 || most / least > 1e3 && most >= 1e3));
  return (value) => {
    if (Number.isNaN(value)) return "nan";
    if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
    if (exponent) return value.toExponential(4);
    return whole ? `${value}.` : value.toFixed(4);
  };
}

/** Items in brackets, as many on a line as fit. */
function row(items: readonly string[], indent: number): string {
  const perLine = Math.max(1, Math.floor((WIDTH - indent) / ((items[0]?.length ?? 0) + 2)));
  const lines: string[] = [];
  for (let i = 0; i < items.length; i += perLine) {
    lines.push(items.slice(i, i + perLine).join(", "));
  }
  return `[${lines.join(`,\n${" ".repeat(indent)}`)}]`;
}

/**
 * The elements of a tensor as text, with its type and shape. Waits for them.
 *
 * @example
 * ```ts
 * import { format, tensor } from "tapegrad";
 * await format(tensor([[1, 2.5], [3, 4]]));
 * // tensor([[1.0000, 2.5000],
 * //         [3.0000, 4.0000]], f32 [2, 2])
 * ```
 */
export async function format(tensor: Tensor, options: FormatOptions = {}): Promise<string> {
  const { maxItems = 1000 } = options;
  const { shape, dtype } = tensor;
  const data = await tensor.data();
  const strides = stridesOf(shape);
  const short = data.length > maxItems;

  function places(axis: number, start: number): number[] {
    if (axis === shape.length) return [start];
    return shown(shape[axis]!, short).flatMap((k) => {
      return k === null ? [] : places(axis + 1, start + k * strides[axis]!);
    });
  }
  const values = places(0, 0).map((at) => data[at]!);
  const write = numberFormat(values, isFloat(dtype));
  const width = Math.max(0, ...values.map((value) => write(value).length));

  function text(axis: number, start: number, indent: number): string {
    if (axis === shape.length) return write(data[start]!).padStart(width);
    const parts = shown(shape[axis]!, short).map((k) => {
      return k === null ? "..." : text(axis + 1, start + k * strides[axis]!, indent + 1);
    });
    if (axis === shape.length - 1) return row(parts, indent + 1);
    const blank = "\n".repeat(shape.length - 1 - axis);
    return `[${parts.join(`,${blank}${" ".repeat(indent + 1)}`)}]`;
  }
  return `tensor(${text(0, 0, "tensor(".length)}, ${dtype} ${formatShape(shape)})`;
}
