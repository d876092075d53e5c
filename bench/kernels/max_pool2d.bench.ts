import { maxPool2d, maxPool2dGrad } from "../../src/kernels/mod.ts";
import { benchKernel, type Data, EXACT, resultOf, uniform } from "../harness/mod.ts";

const halving = { kernelSize: [2, 2], stride: [2, 2], padding: [0, 0] } as const;
const overlapping = { kernelSize: [3, 3], stride: [2, 2], padding: [1, 1] } as const;
const few = uniform([4, 14, 14, 8], 1), images = uniform([64, 28, 28, 16], 1);
const places = (x: Data, params: typeof halving | typeof overlapping) => {
  return resultOf(maxPool2d, [x], { params, which: 1 });
};

benchKernel(maxPool2d, EXACT, {
  "4 images": { inputs: [few], params: halving },
  "64 images": { inputs: [images], params: halving },
  overlapping: { inputs: [images], params: overlapping },
});

benchKernel(maxPool2dGrad, { rtol: 1e-6, atol: 1e-6 }, {
  "4 images": {
    inputs: [uniform([4, 7, 7, 8], 2), places(few, halving)],
    params: { ...halving, size: [14, 14] },
  },
  "64 images": {
    inputs: [uniform([64, 14, 14, 16], 2), places(images, halving)],
    params: { ...halving, size: [28, 28] },
  },
  overlapping: {
    inputs: [uniform([64, 14, 14, 16], 2), places(images, overlapping)],
    params: { ...overlapping, size: [28, 28] },
  },
});
