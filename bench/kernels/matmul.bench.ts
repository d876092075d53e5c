import { matmul } from "../../src/kernels/mod.ts";
import { benchKernel, uniform } from "../harness/mod.ts";

const params = { transposeA: false, transposeB: false };
const square = (n: number) => ({
  inputs: [uniform([n, n], 1), uniform([n, n], 2)],
  params,
  point: { curve: "matmul", size: n },
});

benchKernel(matmul, { rtol: 1e-5, atol: 1e-4 }, {
  W1_64: square(64),
  W1_128: square(128),
  W1_256: square(256),
  W1_512: square(512),
  W1_1024: square(1024),
  W1_2048: { ...square(2048), sampleRows: 32 },
  "of a linear layer": { inputs: [uniform([64, 1568], 1), uniform([1568, 128], 2)], params },
});
