import { avgPool2d, avgPool2dGrad } from "../../src/kernels/mod.ts";
import { benchKernel, uniform } from "../harness/mod.ts";

const halving = {
  kernelSize: [2, 2],
  stride: [2, 2],
  padding: [0, 0],
  countIncludePad: true,
} as const;
const tolerance = { rtol: 1e-5, atol: 1e-6 };

benchKernel(avgPool2d, tolerance, {
  "4 images": { inputs: [uniform([4, 14, 14, 8], 1)], params: halving },
  "64 images": { inputs: [uniform([64, 28, 28, 16], 1)], params: halving },
});

benchKernel(avgPool2dGrad, tolerance, {
  "4 images": { inputs: [uniform([4, 7, 7, 8], 1)], params: { ...halving, size: [14, 14] } },
  "64 images": {
    inputs: [uniform([64, 14, 14, 16], 1)],
    params: { ...halving, size: [28, 28] },
  },
});
