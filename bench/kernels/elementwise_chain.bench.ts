import { type ChainStep, elementwiseChain } from "../../src/kernels/mod.ts";
import { benchKernel, uniform, values } from "../harness/mod.ts";

const shape = [4096, 1024];
const x = uniform(shape, 1), gradient = uniform(shape, 2);
const scalar = values([2]), one = values([1]);

/** tanh(2 x + 1). */
const curve: readonly ChainStep[] = [
  { name: "mul", shape, inputs: [{ external: 0 }, { external: 1 }] },
  { name: "add", shape, inputs: [{ step: 0 }, { external: 2 }] },
  { name: "tanh", shape, inputs: [{ step: 1 }] },
];

/** The way back of tanh, y being its result: g (1 - y^2). */
const wayBack: readonly ChainStep[] = [
  { name: "square", shape, inputs: [{ external: 0 }] },
  { name: "neg", shape, inputs: [{ step: 0 }] },
  { name: "add", shape, inputs: [{ step: 1 }, { external: 1 }] },
  { name: "mul", shape, inputs: [{ external: 2 }, { step: 2 }] },
];

benchKernel(elementwiseChain, { rtol: 1e-5, atol: 1e-6 }, {
  "tanh(2 x + 1)": { inputs: [x, scalar, one], params: { steps: curve, results: [2] } },
  "way back of tanh": { inputs: [x, one, gradient], params: { steps: wayBack, results: [3] } },
});
