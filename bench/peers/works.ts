/**
 * The works of the harness on our engine, by the names that they have there. Each uses what a user
 * would: tensors where there is a method, and a kernel of its own for the gradients of a convolution
 * apart, as the other engines do it.
 *
 * @module
 */
import type { Device, Operand } from "../../src/backend/mod.ts";
import { conv2dInputGrad, conv2dWeightGrad, type Kernel } from "../../src/kernels/mod.ts";
import { Tensor } from "../../src/tensor/mod.ts";
import { tidy } from "../../src/scope.ts";
import { type Data, IMAGES, uniform, WEIGHTS, zeros } from "../harness/data.ts";
import { place, type PlacedStep, type Step } from "../harness/step_bench.ts";
import { attacking, oneStep, tenSteps } from "../steps/attacking.ts";
import { chain, LENGTH } from "../steps/chain.ts";
import { launch, LAUNCH_PARAMS, launchData } from "../steps/launch.ts";
import { resNet8, SMALL_CNN_IMAGES, smallCnn } from "../steps/networks.ts";
import { training } from "../steps/training.ts";

/** How steps are made. */
export interface Making {
  readonly captured: boolean;
}

/** A work of the harness. */
export interface PeerWork {
  readonly make: (device: Device, making: Making) => PlacedStep;
  /** Operations in a step, for works that tell the time of one. Default: the step is the work. */
  readonly ops?: number;
  /** The number that must agree between peers. Default: see total(). */
  readonly check?: (step: Step) => Promise<number>;
}

/** The sum of the absolute values of a result; the loss itself of a training step. */
export async function total(step: Step): Promise<number> {
  const result = step();
  if (!(result instanceof Tensor)) return await result;
  const elements = await result.data();
  result.dispose();
  return Array.from(elements).reduce((sum, element) => sum + Math.abs(element), 0);
}

/** How much the images changed. */
async function change(step: Step): Promise<number> {
  const result = step();
  if (!(result instanceof Tensor)) throw new TypeError("an attack gives a tensor");
  const changed = Array.from(await result.data()), images = SMALL_CNN_IMAGES.elements();
  result.dispose();
  return changed.reduce((sum, element, i) => sum + Math.abs(element - images[i]!), 0);
}

type Make = PeerWork["make"];

/** An operation on tensors. */
function on(operands: readonly Data[], operation: (tensors: Tensor[]) => Tensor): Make {
  return (device) => {
    const holds = operands.map((operand) => place(operand, device));
    return { holds, step: () => tidy(() => operation(holds)) };
  };
}

/** One call of a kernel. */
function call<P>(kernel: Kernel<P>, operands: readonly Data[], params: P): Make {
  return (device) => {
    const holds = operands.map((operand) => place(operand, device));
    const inputs = holds.map(({ shape, dtype, buffer }): Operand => ({ shape, dtype, buffer }));
    const step = () => {
      const [{ buffer, shape }] = device.run(kernel, inputs, params) as readonly [Operand];
      return new Tensor(buffer, shape);
    };
    return { holds, step };
  };
}

/** A step many times in a row; the last result counts. */
function repeated(make: Make): Pick<PeerWork, "make" | "ops"> {
  return {
    ops: LENGTH,
    make(device, making) {
      const { step, holds } = make(device, making);
      const all = (): ReturnType<Step> => {
        for (let i = 1; i < LENGTH; i++) dispose(step());
        return step();
      };
      return { step: all, holds };
    },
  };
}

function dispose(result: ReturnType<Step>): void {
  if (result instanceof Tensor) result.dispose();
}

function product(size: number): Make {
  return on([uniform([size, size], 1), uniform([size, size], 2)], ([a, b]) => a!.matmul(b!));
}

/** Numbers that are all the same. */
function filled(shape: readonly number[], value: number): Data {
  return { ...zeros(shape), elements: () => zeros(shape).elements().fill(value) };
}

const x = uniform([32, 32, 32, 32], 3, { order: IMAGES });
const w = uniform([3, 3, 32, 64], 4, { order: WEIGHTS });
const dy = uniform([32, 32, 32, 64], 5, { order: IMAGES });
const same = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 } as const;
const matrix = uniform([4096, 1024], 6);
const vectors = [filled([64], 0), filled([64], 0.5)] as const;
const matrices = [filled([8, 8], 0.1), filled([8, 8], 0.125)] as const;

/** All works, in the order of the harness; W1_64 and LAUNCH are our own. */
export const WORKS: Readonly<Record<string, PeerWork>> = {
  W1_64: repeated(product(64)),
  W1_256: { make: product(256) },
  W1_512: { make: product(512) },
  W1_1024: { make: product(1024) },
  W1_2048: { make: product(2048) },
  W2: { make: on([x, w], ([x, w]) => x!.conv2d(w!, { padding: 1 })) },
  W2b: { make: call(conv2dInputGrad, [dy, w], { ...same, size: [32, 32] }) },
  W2c: { make: call(conv2dWeightGrad, [x, dy], { ...same, kernelSize: [3, 3] }) },
  W3: { make: (device, making) => training(smallCnn, making)(device) },
  W4: { make: (device, making) => attacking(oneStep, making)(device), check: change },
  W4b: { make: (device, making) => attacking(tenSteps, making)(device), check: change },
  W5: { make: (device, making) => training(resNet8, making)(device) },
  W6a: { make: on([matrix], ([x]) => x!.mul(2).add(1).tanh().sum(-1)) },
  W6b: { make: on([matrix], ([x]) => x!.softmax(-1)) },
  CHAIN: {
    ops: LENGTH,
    make: (device, making) => chain(vectors, (x, y) => x.add(y), making)(device),
  },
  CHAIN_mm: {
    ops: LENGTH,
    make: (device, making) => chain(matrices, (x, y) => x.matmul(y), making)(device),
  },
  LAUNCH: repeated(call(launch, [launchData(16)], LAUNCH_PARAMS)),
};
