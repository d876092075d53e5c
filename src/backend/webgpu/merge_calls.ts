/**
 * Calls of one kernel that follow each other become one, where it goes over tensors element by
 * element and these can be gathered in memory: the steps of an optimiser for all parameters.
 *
 * @module
 */
import type { DeviceBuffer } from "../buffer.ts";
import type { BoundCall, Operand } from "../device.ts";
import { samePlain } from "../plain.ts";

/** Moves buffers to lie one behind the other in another, if they can. */
export type Gather = (buffers: readonly DeviceBuffer[]) => DeviceBuffer | undefined;

/** The calls, fewer where some can run as one. */
export function mergeCalls(calls: readonly BoundCall[], gather: Gather): readonly BoundCall[] {
  const runs: BoundCall[][] = [];
  for (const call of calls) {
    const last = runs.at(-1);
    if (last !== undefined && canJoin(last, call)) last.push(call);
    else runs.push([call]);
  }
  return runs.flatMap((run) => {
    const whole = run.length === 1 ? undefined : merged(run, gather);
    return whole === undefined ? run : [whole];
  });
}

function canJoin(run: readonly BoundCall[], call: BoundCall): boolean {
  const first = run[0]!, { spans } = call.kernel;
  if (spans === undefined || first.kernel !== call.kernel) return false;
  if (!samePlain(first.params, call.params)) return false;
  if (!spans.every((at) => first.inputs[at]!.buffer === call.inputs[at]!.buffer)) return false;
  const memory = (operands: readonly Operand[]) => operands.map(({ buffer }) => buffer);
  const written = new Set(memory(call.outputs));
  return run.every(({ inputs, outputs }) => {
    const others = new Set(memory(outputs));
    return ![...memory(inputs), ...others].some((buffer) => written.has(buffer)) &&
      !memory(call.inputs).some((buffer) => others.has(buffer));
  });
}

/** One call over the memory of all; undefined where their operands cannot be gathered. */
function merged(run: readonly BoundCall[], gather: Gather): BoundCall | undefined {
  const { kernel, params, inputs, outputs } = run[0]!;
  const whole = (operandOf: (call: BoundCall) => Operand): Operand | undefined => {
    const buffer = gather(run.map((call) => operandOf(call).buffer));
    return buffer && { buffer, shape: [buffer.size], dtype: operandOf(run[0]!).dtype };
  };
  const wholeInputs = inputs.map((operand, at) => {
    return kernel.spans!.includes(at) ? operand : whole(({ inputs }) => inputs[at]!);
  });
  const wholeOutputs = outputs.map((_, at) => whole(({ outputs }) => outputs[at]!));
  if (![...wholeInputs, ...wholeOutputs].every((operand) => operand !== undefined)) {
    return undefined;
  }
  return {
    kernel,
    params,
    inputs: wholeInputs as readonly Operand[],
    outputs: wholeOutputs as readonly Operand[],
  };
}
