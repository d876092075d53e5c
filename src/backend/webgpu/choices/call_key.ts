/**
 * The name of a kernel call, under which its choice is kept.
 *
 * @module
 */
import { bare, type Candidate, type Kernel, type Spec } from "../../../kernels/mod.ts";
import { formatShape } from "../../../shape.ts";

/** "matmul f32 [64,32] f32 [32,10] {...}": an epilogue does not change the choice. */
export function callKey<P>(kernel: Kernel<P>, inputs: readonly Spec[], params: P): string {
  const call = bare(kernel, inputs, params);
  const operands = call.inputs.map(({ shape, dtype }) => `${dtype} ${formatShape(shape)}`);
  return [call.kernel.name, ...operands, JSON.stringify(call.params) ?? ""].join(" ");
}

/** A number for a set of ways: a choice counts only among the ways that it was made among. */
export function waysKey(ways: readonly Candidate[]): number {
  let hash = 0x811c9dc5;
  for (const { name } of ways) {
    for (const unit of `${name}\n`) hash = Math.imul(hash ^ unit.codePointAt(0)!, 0x01000193);
  }
  return hash >>> 0;
}
