/** Reading the arguments of a call: one 32-bit word each, addresses of operands first. */

/** Word `index` as a whole number. */
// @ts-ignore: decorator
@inline
export function int(address: usize, index: i32): i32 {
  return load<i32>(address + (<usize> index << 2));
}

/** Word `index` as an address. */
// @ts-ignore: decorator
@inline
export function pointer(address: usize, index: i32): usize {
  return <usize> load<u32>(address + (<usize> index << 2));
}

/** Word `index` as an f32. */
// @ts-ignore: decorator
@inline
export function float(address: usize, index: i32): f32 {
  return load<f32>(address + (<usize> index << 2));
}

/** a b + c per lane, fused where the build has it. */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}
