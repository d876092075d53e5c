import { slice, sliceAlong, type SliceParams } from "../../src/kernels/mod.ts";
import { sizeOf } from "../../src/shape.ts";
import { benchKernel, EXACT, type KernelCall, uniform } from "../harness/mod.ts";

const x = uniform([1024, 1024], 1);

/** From a place on, every step-th along an axis; what is left out is not moved. */
function along(axis: number, start: number, step: number): KernelCall<SliceParams> {
  const params = sliceAlong(x.shape, axis, { start, end: Infinity, step });
  return { inputs: [x], params, bytes: 8 * sizeOf(params.sizes) };
}

benchKernel(slice, EXACT, {
  "64 rows": along(0, 960, 1),
  "half of each row": along(1, 512, 1),
  "every second": along(1, 0, 2),
});
