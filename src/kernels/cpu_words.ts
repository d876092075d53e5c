/**
 * The arguments of calls on the cpu.
 *
 * @module
 */

import { type DType, toTypedArray } from "../dtype.ts";

/** The bits of a number as an f32, for the words of a call. */
export function floatBits(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0]!;
}

/** The bits of a number as an element of this type, of 32 bits. */
export function wordOf(dtype: DType, value: number): number {
  return new Int32Array(toTypedArray(dtype, [value]).buffer)[0]!;
}
