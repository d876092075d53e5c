/**
 * What attacks and evaluation change in a model for the time of a function, and put back after it,
 * also after an error.
 *
 * @module
 */
import { GradientError } from "../errors.ts";
import type { Node } from "../autograd/mod.ts";
import type { Tensor } from "../tensor/mod.ts";
import type { Module } from "./module.ts";

function refusePromise<T>(act: string, result: T): T {
  if (!(result instanceof Promise)) return result;
  throw new GradientError(
    `Cannot ${act} for an asynchronous function: ` +
      "the model would be put back before it ends; wait for data outside",
  );
}

/** Notes the mode of a model and of every part of it; the result puts them all back. */
export function rememberModes(model: Module): () => void {
  const before = [...model.modules().values()].map((module) => [module, module.training] as const);
  return () => {
    for (const [module, mode] of before) module.training = mode;
  };
}

/**
 * Runs `fn` with the model and all its parts in training mode, or off it, and gives every part back
 * the mode that it had itself.
 *
 * @example
 * ```ts
 * import { Dropout, RandomStream, tensor, withMode } from "tapegrad";
 * const model = new Dropout(0.5, { random: new RandomStream(1) });
 * withMode(model, false, () => model.forward(tensor([1, 2]))); // [1, 2]
 * ```
 */
export function withMode<T>(model: Module, training: boolean, fn: () => T): T {
  const restore = rememberModes(model);
  model.train(training);
  try {
    return refusePromise("switch the mode of a model", fn());
  } finally {
    restore();
  }
}

/**
 * Runs `fn` with all parameters of the model constant: no gradient of a weight is recorded, computed
 * or stored. Every parameter comes back to its own place on the tape; values and `grad` are not
 * touched.
 *
 * @example
 * ```ts
 * import { frozen, Linear, ones, RandomStream, tensor } from "tapegrad";
 * const model = new Linear(3, 2, { random: new RandomStream(1) });
 * const x = tensor([[1, 2, 3]], { requiresGrad: true });
 * frozen(model, () => model.forward(x).sum().backward());
 * model.weight.grad; // null, while x.grad is there
 * ```
 */
export function frozen<T>(model: Module, fn: () => T): T {
  const places: [Tensor, Node][] = [];
  try {
    for (const parameter of model.parameters().values()) {
      const { node } = parameter;
      if (node === null) continue;
      node.retain();
      places.push([parameter, node]);
      parameter.requiresGrad = false;
    }
    return refusePromise("freeze a model", fn());
  } finally {
    for (const [parameter, node] of places) {
      // The very same leaf: a tape that was recorded before still ends at it.
      if (parameter.node !== node && !parameter.isDisposed) {
        parameter.requiresGrad = false;
        parameter.attach(node);
      }
      node.release();
    }
  }
}
