// Numbers for tests: the same in every run, by seed.

import type { Device } from "../../src/backend/mod.ts";
import type { DType } from "../../src/dtype.ts";
import { RandomStream } from "../../src/random.ts";
import { type Shape, sizeOf } from "../../src/shape.ts";
import { type Tensor, tensor } from "../../src/tensor/mod.ts";

/** `count` numbers from -1 to 1. */
export function numbers(count: number, seed: number): number[] {
  return Array.from(new RandomStream(seed).uniform(count), (value) => 2 * value - 1);
}

/** `count` whole numbers from 0 to size - 1. */
export function integers(count: number, size: number, seed: number): number[] {
  return Array.from(new RandomStream(seed).uniform(count), (value) => Math.floor(value * size));
}

/** A tensor of numbers from -1 to 1; f64 ones on the reference device require their gradient. */
export function sample(
  shape: Shape,
  seed: number,
  options: { readonly device: Device; readonly dtype?: DType },
): Tensor {
  const { device, dtype = "f32" } = options;
  return tensor(numbers(sizeOf(shape), seed), {
    device,
    dtype,
    shape,
    requiresGrad: dtype === "f64",
  });
}

/** Row-major elements of an array of this shape, each by its coordinates. */
export function build(shape: Shape, element: (x: readonly number[]) => number): number[] {
  return Array.from({ length: sizeOf(shape) }, (_, i) => {
    let rest = i;
    const x = shape.map(() => 0);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      x[axis] = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return element(x);
  });
}

/** The element of a row-major array at these coordinates. */
export function at(data: ArrayLike<number>, shape: Shape, x: readonly number[]): number {
  return data[x.reduce((index, k, axis) => index * shape[axis]! + k, 0)]!;
}
