// A kernel that does next to nothing: what is left is the way to the threads and back.

import { type Kernel, oneHot, type OneHotParams } from "../../src/kernels/mod.ts";
import { type Data, integers } from "../harness/mod.ts";

/** One-hot rows, cut into tasks of one row each. */
export const launch: Kernel<OneHotParams> = {
  ...oneHot,
  name: "launch",
  cpu(inputs, outputs, params) {
    const rows = inputs[0]!.shape[0]!;
    const [call] = oneHot.cpu!(inputs, outputs, params)!.calls;
    const [, classes, , one] = call!.words;
    return { calls: [{ ...call!, words: [rows, classes!, 1, one!], tasks: rows }] };
  },
};

/** Rows of one class: a task writes one word. */
export const LAUNCH_PARAMS: OneHotParams = { classes: 1, dtype: "f32" };

/** Operands for so many tasks. */
export function launchData(tasks: number): Data {
  return integers([tasks], 1, { seed: 1 });
}
