/**
 * Replay by running one call after the other: what a device does that has no faster way.
 *
 * @module
 */
import type { BoundCall, Device, PreparedCalls } from "../device.ts";

/** Calls that are run as they are. */
export function oneByOne(device: Device, calls: readonly BoundCall[]): PreparedCalls {
  return {
    run() {
      for (const { kernel, inputs, params, outputs } of calls) {
        device.run(kernel, inputs, params, outputs);
      }
    },
    release() {},
  };
}
