/**
 * Numbers for trials.
 *
 * @module
 */
import type { TypedArray } from "../../dtype.ts";
import type { Spec } from "../../kernels/mod.ts";
import { RandomStream } from "../../random.ts";
import { sizeOf } from "../../shape.ts";
import type { Device, Operand } from "../device.ts";

/**
 * Numbers for an operand: between -1 and 1, so that a term that a sum misses shows; between 0.5 and 1
 * for what belongs to channels, so that variances are what they must be; 0 for integers.
 */
export function numbersFor({ shape, dtype }: Spec, seed: number): TypedArray {
  const size = sizeOf(shape);
  if (dtype === "i32") return new Int32Array(size);
  if (dtype === "u32") return new Uint32Array(size);
  const uniform = new RandomStream(seed).uniform(size);
  const perChannel = shape.length < 2;
  return Float32Array.from(uniform, (value) => perChannel ? 0.5 + value / 2 : 2 * value - 1);
}

/** Puts numbers on a device. */
export function upload(
  device: Device,
  specs: readonly Spec[],
  data: readonly TypedArray[],
): readonly Operand[] {
  return specs.map(({ shape, dtype }, i): Operand => {
    return { shape, dtype, buffer: device.upload(data[i]!, dtype) };
  });
}

/** Gives operands back. */
export function release(operands: readonly Operand[]): void {
  for (const { buffer } of operands) buffer.release();
}
