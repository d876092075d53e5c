/**
 * Whether operations are recorded. One switch, on by default; changed for the time of a function.
 *
 * @module
 */
import { GradientError } from "../errors.ts";

let recording = true;

/** Whether operations on tensors that require a gradient are recorded now. */
export function isRecording(): boolean {
  return recording;
}

/** Runs `fn` with recording on or off, and puts the switch back, also after an error. */
export function withRecording<T>(on: boolean, fn: () => T): T {
  const before = recording;
  recording = on;
  try {
    const result = fn();
    if (result instanceof Promise) {
      throw new GradientError(
        "Cannot switch recording for an asynchronous function: " +
          "the switch would be back before it ends; wait for data outside",
      );
    }
    return result;
  } finally {
    recording = before;
  }
}

/**
 * Runs `fn` without recording: its results do not require a gradient.
 *
 * @example
 * ```ts
 * import { noGrad, tensor } from "tapegrad";
 * const x = tensor([1, 2], { requiresGrad: true });
 * const y = noGrad(() => x.mul(2)); // y.requiresGrad is false
 * ```
 */
export function noGrad<T>(fn: () => T): T {
  return withRecording(false, fn);
}
