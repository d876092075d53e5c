/**
 * The same numbers in another element type. Towards an integer type fractions are cut off, and
 * numbers beyond its range become its end; between integer types the 32 bits stay the same.
 *
 * @module
 */
import { type DType, isFloat } from "../dtype.ts";
import { sizeOf } from "../shape.ts";
import { elementwiseCpu } from "./elementwise/cpu.ts";
import type { Kernel } from "./kernel.ts";
import { declare, NOTHING, perElement, typeName } from "./wgsl.ts";

/** Into which type. */
export interface CastParams {
  readonly dtype: DType;
}

/** Smallest and largest number that a conversion gives; from f32 the largest that it can hold. */
function limits(from: DType, to: DType): [low: number, high: number] {
  if (isFloat(to) || !isFloat(from)) return [-Infinity, Infinity];
  const [low, high] = to === "i32" ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
  return [low, from === "f32" ? high + 1 - (to === "i32" ? 128 : 256) : high];
}

/** Another element type. */
export const cast: Kernel<CastParams> = {
  name: "cast",
  outputs: ([x], { dtype }) => [{ shape: x!.shape, dtype }],
  reference([x], [y], { dtype }) {
    const [low, high] = limits(x!.dtype, dtype);
    x!.data.forEach((value, i) => y!.data[i] = Math.min(Math.max(value, low), high));
  },
  webgpu([x], [y], { dtype }) {
    if (sizeOf(y!.shape) === 0) return NOTHING;
    return {
      dispatches: [perElement({
        size: sizeOf(y!.shape),
        declarations: declare([["x", x!], ["y", y!]], 1),
        operands: [0, 1],
        body: `  y[i] = ${typeName(dtype)}(x[i]);`,
      })],
    };
  },
  cpu([x], [y], { dtype }) {
    const same = x!.dtype === dtype || (!isFloat(x!.dtype) && !isFloat(dtype));
    return elementwiseCpu(same ? "copy" : `cast_${x!.dtype}_${dtype}`, [x!], y!);
  },
  flops: () => 0,
};
