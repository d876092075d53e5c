/** Indices into an axis. */

/** Element `i` of an array of indices, held inside of an axis; `signed` says how to read it. */
// @ts-ignore: decorator
@inline
export function indexAt(indices: usize, i: i32, size: i32, signed: bool): i32 {
  const index = load<i32>(indices + (<usize> i << 2));
  if (<u32> index < <u32> size) return index;
  return index < 0 && signed ? 0 : size - 1;
}
