/**
 * Replay by running one call after the other: what a device does that has no faster way.
 *
 * @module
 */
import type { DeviceBuffer } from "../buffer.ts";
import type { BoundCall, Device, Operand, PreparedCalls } from "../device.ts";

/** Calls that are run as they are. */
export function oneByOne(
  device: Device,
  calls: readonly BoundCall[],
  args: readonly DeviceBuffer[],
): PreparedCalls {
  return {
    calls,
    run(given) {
      for (const call of calls) {
        const { kernel, inputs, params, outputs } = withArguments(call, args, given);
        device.run(kernel, inputs, params, outputs);
      }
    },
    release() {},
  };
}

/** The call with what a run is given in place of what stands for it. */
export function withArguments(
  call: BoundCall,
  args: readonly DeviceBuffer[],
  given: readonly DeviceBuffer[],
): BoundCall {
  const exchange = (operand: Operand): Operand => {
    const at = args.indexOf(operand.buffer);
    return at < 0 ? operand : { ...operand, buffer: given[at]! };
  };
  return { ...call, inputs: call.inputs.map(exchange), outputs: call.outputs.map(exchange) };
}
