/**
 * Reductions over any axes: y[o] = combination over r of x[o, r], where o runs over the axes that
 * stay and r over those that go. Sums of f32 are exact to rounding of a tree on WebGPU and kept in
 * f64 by the reference.
 *
 * @module
 */
import { isFloat } from "../../dtype.ts";
import { DTypeError } from "../../errors.ts";
import { formatShape, reduceShape, type Shape, sizeOf } from "../../shape.ts";
import type { Kernel, Spec } from "../kernel.ts";
import { argumentCpu, valueCpu } from "./cpu.ts";
import { extremeReference, sumReference } from "./reference.ts";
import { argumentProgram, argumentWays, valueProgram, valueWays } from "./webgpu.ts";

/** Which axes a reduction runs over. */
export interface ReduceParams {
  /** Sorted, from 0. */
  readonly axes: readonly number[];
  /** Whether they stay with size 1. */
  readonly keepAxes: boolean;
}

/** Elements per output. */
function countOf(shape: Shape, axes: readonly number[]): number {
  return sizeOf(axes.map((axis) => shape[axis]!));
}

function outputSpec({ shape, dtype }: Spec, { axes, keepAxes }: ReduceParams): Spec {
  return { shape: reduceShape(shape, axes, keepAxes), dtype };
}

/** The same, refused for no elements, which have a sum (0) but neither mean nor maximum. */
function filledSpec(act: string, x: Spec, params: ReduceParams): Spec {
  const y = outputSpec(x, params);
  if (countOf(x.shape, params.axes) > 0 || sizeOf(y.shape) === 0) return y;
  throw new RangeError(
    `Cannot take the ${act} of a tensor of shape ${formatShape(x.shape)} over the axes [${
      params.axes.join(", ")
    }]: they hold no elements, there must be at least one`,
  );
}

function flops([x]: readonly Spec[]): number {
  return sizeOf(x!.shape);
}

/** y = sum of x; of no elements, 0. */
export const sum: Kernel<ReduceParams> = {
  name: "sum",
  outputs: ([x], params) => [outputSpec(x!, params)],
  reference: ([x], [y], { axes }) => sumReference(x!, y!, { axes, divisor: 1 }),
  webgpu: ([x], _outputs, { axes }) => valueProgram("sum", x!, { axes }),
  candidates: ([x], _outputs, { axes }) => valueWays("sum", x!, { axes }),
  cpu: ([x], _outputs, { axes }) => valueCpu("sum", x!, { axes }),
  flops,
};

/** y = sum of x / number of elements. */
export const mean: Kernel<ReduceParams> = {
  name: "mean",
  outputs([x], params) {
    if (isFloat(x!.dtype)) return [filledSpec("mean", x!, params)];
    throw new DTypeError(
      `Cannot take the mean of a tensor of type ${
        x!.dtype
      }: the type must be f32 or f64, use cast()`,
    );
  },
  reference: ([x], [y], { axes }) =>
    sumReference(x!, y!, { axes, divisor: countOf(x!.shape, axes) }),
  webgpu: ([x], _outputs, { axes }) =>
    valueProgram("sum", x!, { axes, divisor: countOf(x!.shape, axes) }),
  candidates: ([x], _outputs, { axes }) =>
    valueWays("sum", x!, { axes, divisor: countOf(x!.shape, axes) }),
  cpu: ([x], _outputs, { axes }) => valueCpu("sum", x!, { axes, divisor: countOf(x!.shape, axes) }),
  flops,
};

function extreme(name: "max" | "min", sign: 1 | -1): Kernel<ReduceParams> {
  return {
    name,
    outputs: ([x], params) => [filledSpec(name, x!, params)],
    reference: ([x], [y], { axes }) => extremeReference(x!, y!, { axes, sign, argument: false }),
    webgpu: ([x], _outputs, { axes }) => valueProgram(name, x!, { axes }),
    candidates: ([x], _outputs, { axes }) => valueWays(name, x!, { axes }),
    cpu: ([x], _outputs, { axes }) => valueCpu(name, x!, { axes }),
    flops,
  };
}

function argument(name: "argmax" | "argmin", sign: 1 | -1): Kernel<ReduceParams> {
  const better = sign === 1 ? ">" : "<";
  return {
    name,
    outputs: ([x], params) => [{ ...filledSpec(name, x!, params), dtype: "i32" }],
    reference: ([x], [y], { axes }) => extremeReference(x!, y!, { axes, sign, argument: true }),
    webgpu: ([x], [y], { axes }) => argumentProgram(better, [x!, y!], { axes }),
    candidates: ([x], [y], { axes }) => argumentWays(better, [x!, y!], axes),
    cpu: ([x], _outputs, { axes }) => argumentCpu(name, x!, axes),
    flops,
  };
}

/** y = largest x. */
export const max: Kernel<ReduceParams> = extreme("max", 1);

/** y = smallest x. */
export const min: Kernel<ReduceParams> = extreme("min", -1);

/** y = index of the largest x, counted over `axes`; of equal ones the first. */
export const argmax: Kernel<ReduceParams> = argument("argmax", 1);

/** y = index of the smallest x, counted over `axes`; of equal ones the first. */
export const argmin: Kernel<ReduceParams> = argument("argmin", -1);
