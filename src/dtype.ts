/**
 * Element types. `f32` is the working type everywhere, `i32` and `u32` hold labels and indices,
 * `f64` exists on the reference backend alone, for gradient checks.
 *
 * @module
 */

/** Name of an element type. */
export type DType = "f32" | "f64" | "i32" | "u32";

/** The typed arrays that hold elements on the host. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array;

const ARRAYS = {
  f32: Float32Array,
  f64: Float64Array,
  i32: Int32Array,
  u32: Uint32Array,
} as const;

/** All element types. */
export const DTYPES: readonly DType[] = ["f32", "f64", "i32", "u32"];

/** A zero-filled host array of `size` elements. */
export function allocate(dtype: DType, size: number): TypedArray {
  return new ARRAYS[dtype](size);
}

/** Copies numbers into a host array of the given type. */
export function toTypedArray(dtype: DType, values: ArrayLike<number>): TypedArray {
  return ARRAYS[dtype].from(values);
}

/** The element type that a typed array holds, or undefined when it holds none of ours. */
export function dtypeOf(array: ArrayBufferView): DType | undefined {
  return DTYPES.find((dtype) => array instanceof ARRAYS[dtype]);
}

/** Bytes of one element. */
export function bytesPer(dtype: DType): number {
  return dtype === "f64" ? 8 : 4;
}

/** Whether values of this type have gradients. */
export function isFloat(dtype: DType): boolean {
  return dtype === "f32" || dtype === "f64";
}
