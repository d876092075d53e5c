/**
 * Elementwise kernels broadcast their operands themselves, so they read what was expanded for them
 * where it comes from, and the copy is left out where nobody else reads it.
 *
 * @module
 */
import { elementwise, type ElementwiseName, expand } from "../../kernels/mod.ts";
import { broadcastShapes, sameShape } from "../../shape.ts";
import type { NotedCall, ValueOperand } from "./notes.ts";

/** The list with fewer copies: the same values for everything that is `wanted` or read. */
export function skipExpands(
  calls: readonly NotedCall[],
  wanted: ReadonlySet<number>,
): readonly NotedCall[] {
  const updated = new Set(calls.flatMap(({ kernel, outputs }) => {
    return outputs.slice(0, kernel.updates ?? 0).map(({ value }) => value);
  }));
  const sources = new Map<number, NotedCall>();
  for (const call of calls) {
    const [x] = call.inputs, [y] = call.outputs;
    // What changes in the step may not be what it was when it was copied.
    if (call.kernel !== expand || updated.has(x!.value) || updated.has(y!.value)) continue;
    sources.set(y!.value, call);
  }
  const rewired = calls.map((call) => rewire(call, sources));
  const read = new Set(rewired.flatMap(({ inputs }) => inputs.map(({ value }) => value)));
  return rewired.filter(({ kernel, outputs }) => {
    const { value } = outputs[0]!;
    return kernel !== expand || !sources.has(value) || wanted.has(value) || read.has(value);
  });
}

/** The call with operands from before their expansion, as long as its result keeps its shape. */
function rewire(call: NotedCall, sources: ReadonlyMap<number, NotedCall>): NotedCall {
  const { kernel, outputs } = call;
  if (elementwise[kernel.name as ElementwiseName] !== kernel) return call;
  return call.inputs.reduce((made: NotedCall, operand, at): NotedCall => {
    const source = sources.get(operand.value);
    if (source === undefined || !sameShape(operand.shape, source.outputs[0]!.shape)) return made;
    const inputs = made.inputs.map((it, k): ValueOperand => k === at ? source.inputs[0]! : it);
    const shape = broadcastShapes(kernel.name, inputs.map((it) => it.shape));
    return sameShape(shape, outputs[0]!.shape) ? { ...made, inputs } : made;
  }, call);
}
