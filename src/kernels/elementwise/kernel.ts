/**
 * Elementwise kernels: y[i] = f(a[i], b[i], c[i]) with broadcasting, one kernel per line of the
 * table.
 *
 * @module
 */
import { DTypeError } from "../../errors.ts";
import { broadcastShapes } from "../../shape.ts";
import { isFloat } from "../../dtype.ts";
import type { Kernel, Spec } from "../kernel.ts";
import { elementwiseCpu } from "./cpu.ts";
import { elementwiseReference } from "./reference.ts";
import { ELEMENTWISE, type ElementwiseFunction, type ElementwiseName } from "./table.ts";
import { elementwiseProgram } from "./webgpu.ts";

function outputSpec(
  name: string,
  { floatOnly }: ElementwiseFunction,
  inputs: readonly Spec[],
): Spec {
  const dtype = inputs[0]!.dtype;
  if (inputs.some((input) => input.dtype !== dtype)) {
    throw new DTypeError(
      `Cannot ${name} operands of types ${inputs.map((i) => i.dtype).join(" and ")}: ` +
        "types must be the same, use cast()",
    );
  }
  if (floatOnly && !isFloat(dtype)) {
    throw new DTypeError(`Cannot ${name} a tensor of type ${dtype}: the type must be f32 or f64`);
  }
  return { shape: broadcastShapes(name, inputs.map((input) => input.shape)), dtype };
}

function elementwiseKernel(name: ElementwiseName): Kernel {
  const f: ElementwiseFunction = ELEMENTWISE[name];
  return {
    name,
    outputs: (inputs) => [outputSpec(name, f, inputs)],
    reference: (inputs, [y]) => elementwiseReference(f, inputs, y!),
    webgpu: (inputs, [y]) => elementwiseProgram(f, inputs, y!),
    cpu: (inputs, [y]) => elementwiseCpu(`${name}_${y!.dtype}`, inputs, y!),
  };
}

/** The kernel of every elementwise function. */
export const elementwise: Readonly<Record<ElementwiseName, Kernel>> = Object.fromEntries(
  Object.keys(ELEMENTWISE).map((name) => [name, elementwiseKernel(name as ElementwiseName)]),
) as Record<ElementwiseName, Kernel>;
