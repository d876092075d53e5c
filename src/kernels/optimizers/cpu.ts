import { sizeOf } from "../../shape.ts";
import type { CpuCall, CpuProgram, Spec } from "../kernel.ts";

/** Elements of a task: some ten microseconds. */
const EACH = 16384;

/** A call over all elements of `x`. */
export function eachElement(
  entry: string,
  { shape }: Spec,
  call: { readonly operands: readonly number[]; readonly words?: readonly number[] },
): CpuCall {
  const size = sizeOf(shape), { operands, words = [] } = call;
  return { entry, operands, words: [size, EACH, ...words], tasks: Math.ceil(size / EACH) };
}

/** An optimiser's step: operands are the gradient, the scalars and `states` states. */
export function stepCpu(
  entry: string,
  grad: Spec,
  { states, words }: { readonly states: number; readonly words?: readonly number[] },
): CpuProgram {
  const operands = Array.from({ length: 2 + states }, (_, k) => k);
  return { calls: [eachElement(entry, grad, { operands, ...(words && { words }) })] };
}
