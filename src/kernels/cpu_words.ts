/**
 * The arguments of calls on the cpu.
 *
 * @module
 */

/** The bits of a number as an f32, for the words of a call. */
export function floatBits(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0]!;
}
