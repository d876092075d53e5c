/**
 * Calls of one kernel that follow each other become one, where the kernel knows how: the steps of an
 * optimiser for several parameters.
 *
 * @module
 */
import type { DeviceBuffer } from "../buffer.ts";
import type { BoundCall, Operand } from "../device.ts";
import { samePlain } from "../plain.ts";

/** The calls, fewer where some can run together. */
export function mergeCalls(calls: readonly BoundCall[]): readonly BoundCall[] {
  const runs: BoundCall[][] = [];
  for (const call of calls) {
    const last = runs.at(-1);
    if (last !== undefined && canJoin(last, call)) last.push(call);
    else runs.push([call]);
  }
  return runs.map((run) => run.length === 1 ? run[0]! : merged(run));
}

function canJoin(run: readonly BoundCall[], call: BoundCall): boolean {
  const first = run[0]!, { together } = call.kernel;
  if (together === undefined || first.kernel !== call.kernel) return false;
  if (run.length >= together.most(call.kernel)) return false;
  if (!samePlain(first.params, call.params)) return false;
  if (!together.shared.every((at) => first.inputs[at]!.buffer === call.inputs[at]!.buffer)) {
    return false;
  }
  const memory = (operands: readonly Operand[]) => operands.map(({ buffer }) => rootOf(buffer));
  const written = new Set(memory(call.outputs));
  return run.every(({ inputs, outputs }) => {
    const others = new Set(memory(outputs));
    return ![...memory(inputs), ...others].some((root) => written.has(root)) &&
      !memory(call.inputs).some((root) => others.has(root));
  });
}

function merged(run: readonly BoundCall[]): BoundCall {
  const { kernel, params, inputs, outputs } = run[0]!, { shared } = kernel.together!;
  return {
    kernel: kernel.together!.kernel(run.length),
    params,
    inputs: inputs.flatMap((operand, at) => {
      return shared.includes(at) ? [operand] : run.map((call) => call.inputs[at]!);
    }),
    outputs: outputs.flatMap((_, at) => run.map((call) => call.outputs[at]!)),
  };
}

/** The buffer whose memory it is. */
function rootOf(buffer: DeviceBuffer): DeviceBuffer {
  return buffer.root ?? buffer;
}
