// What a kernel costs that does next to nothing: the way from device.run() to the threads and back.

import { type Kernel, oneHot, type OneHotParams } from "../../src/kernels/mod.ts";
import { benchKernel, EXACT, integers } from "../harness/mod.ts";

/** One-hot rows of one class, cut into tasks of one row each: so many tasks, of a store each. */
const launch: Kernel<OneHotParams> = {
  ...oneHot,
  name: "launch",
  cpu(inputs, outputs, params) {
    const rows = inputs[0]!.shape[0]!;
    const [call] = oneHot.cpu!(inputs, outputs, params)!.calls;
    const [, classes, , one] = call!.words;
    return { calls: [{ ...call!, words: [rows, classes!, 1, one!], tasks: rows }] };
  },
};

const params = { classes: 1, dtype: "f32" } as const;
const rows = (count: number) => ({ inputs: [integers([count], 1, { seed: 1 })], params });

benchKernel(launch, EXACT, {
  "of one task": rows(1),
  "of 16 tasks": rows(16),
});
