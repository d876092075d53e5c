/**
 * Shader text that chooses between constants, without arrays: some compilers index those by constants
 * only.
 *
 * @module
 */

/** WGSL of the value at `index` in a list, which is one value where all are the same. */
export function pick(index: string, values: readonly string[]): string {
  const last = values.length - 1;
  if (values.every((value) => value === values[0])) return values[0]!;
  // The longest run of equal values at the end is what remains.
  let end = last;
  while (values[end - 1] === values[last]) end--;
  return values.slice(0, end).reduceRight(
    (rest, value, k) => `select(${rest}, ${value}, ${index} == ${k}u)`,
    values[last]!,
  );
}
