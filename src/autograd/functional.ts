/**
 * Derivatives of functions: what to differentiate is a function of tensors, not a tensor on a
 * tape. The arguments are cut off from any outer tape and `grad` of no tensor is touched.
 *
 * @module
 */
import { GradientError, ShapeError } from "../errors.ts";
import { tidy } from "../scope.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor/mod.ts";
import { isRecording, withRecording } from "./mode.ts";

/** A function of tensors that gives a scalar. */
export type ScalarFunction = (...inputs: readonly Tensor[]) => Tensor;

/** A value and the gradients of all arguments. */
export interface ValueAndGradients {
  /** What the function gave, off the tape. */
  readonly value: Tensor;
  /** One per argument, of its shape. */
  readonly gradients: readonly Tensor[];
}

/** Leaves with the values of `inputs`. */
function leavesOf(inputs: readonly Tensor[]): Tensor[] {
  return inputs.map((input) => {
    const leaf = input.detach();
    leaf.requiresGrad = true;
    return leaf;
  });
}

/** Gradients of `value`, or zeros when it does not depend on the leaves at all. */
export function gradientsOrZeros(
  value: Tensor,
  leaves: readonly Tensor[],
  options: {
    readonly gradient?: Tensor;
    readonly createGraph?: boolean;
    readonly retainGraph?: boolean;
  } = {},
): Tensor[] {
  if (value.node !== null) return value.gradients(leaves, options);
  // Not times 0, which is NaN for infinite elements.
  return leaves.map((leaf) => tidy(() => leaf.detach().gate(0)));
}

/**
 * The function that gives the value of `f` and its gradients with respect to every argument.
 *
 * @example
 * ```ts
 * import { tensor, valueAndGrad } from "tapegrad";
 * const f = valueAndGrad((x) => x.square().sum());
 * const { value, gradients } = f(tensor([1, 2])); // 5 and [[2, 4]]
 * ```
 */
export function valueAndGrad(
  f: ScalarFunction,
): (...inputs: readonly Tensor[]) => ValueAndGradients {
  return (...inputs) =>
    tidy(() => {
      return withRecording(true, () => {
        const leaves = leavesOf(inputs);
        const value = f(...leaves);
        return { value: value.detach(), gradients: gradientsOrZeros(value, leaves) };
      });
    });
}

/**
 * The function that gives the gradient of `f` with respect to its first argument. It is recorded
 * itself when its argument requires a gradient, so `grad(grad(f))` is the second derivative.
 *
 * @example
 * ```ts
 * import { grad, tensor } from "tapegrad";
 * const second = grad((x) => grad((y) => y.pow(3).sum())(x).sum());
 * second(tensor([1, 2])); // 6 x: [6, 12]
 * ```
 */
export function grad(f: ScalarFunction): (...inputs: readonly Tensor[]) => Tensor {
  return (x, ...others) => {
    if (x === undefined) {
      throw new GradientError("Cannot take a gradient: give at least one tensor");
    }
    return tidy(() => {
      if (x.requiresGrad && isRecording()) {
        // A place of its own, so that a use of x itself inside f counts as a constant.
        const y = x.reshape(x.shape);
        return gradientsOrZeros(f(y, ...others), [y], { createGraph: true })[0]!;
      }
      return withRecording(true, () => {
        const leaves = leavesOf([x]);
        return gradientsOrZeros(f(leaves[0]!, ...others), leaves)[0]!;
      });
    });
  };
}

/** A value and the product of a covector with the Jacobian, one per argument. */
export interface Pullback {
  /** What the function gave; it holds the tape. */
  readonly value: Tensor;
  /** Carries a gradient of the value back to every argument. */
  readonly pullback: (gradient: Tensor) => readonly Tensor[];
}

/**
 * Vector-Jacobian product: the value of `f`, and a function that carries a gradient of that value
 * (same shape) back to the arguments. The function may be called many times, until the value or an
 * argument is disposed.
 *
 * @example
 * ```ts
 * import { tensor, vjp } from "tapegrad";
 * const { pullback } = vjp((x) => x.square(), tensor([1, 2]));
 * pullback(tensor([1, 10])); // [[2, 40]]
 * ```
 */
export function vjp(
  f: (...inputs: readonly Tensor[]) => Tensor,
  ...inputs: readonly Tensor[]
): Pullback {
  const { nodes, value } = tidy(() =>
    withRecording(true, () => {
      const leaves = leavesOf(inputs);
      return { nodes: leaves.map(({ node }) => node), value: f(...leaves) };
    })
  );
  return {
    value,
    pullback: (gradient) =>
      tidy(() => {
        // The value holds the tape: without it there is no way back.
        const root = value.alias(value.node);
        const leaves = inputs.map((input, i) => input.alias(nodes[i]!));
        return gradientsOrZeros(root, leaves, { gradient, retainGraph: true });
      }),
  };
}

/**
 * Hessian-vector product: the second derivative of the scalar `f` at `inputs`, times `vectors` of
 * the same shapes. One walk back for the gradient, one through that walk.
 *
 * @example
 * ```ts
 * import { hvp, tensor } from "tapegrad";
 * hvp((x) => x.pow(3).sum(), [tensor([1, 2])], [tensor([1, 1])]); // [[6, 12]]
 * ```
 */
export function hvp(
  f: ScalarFunction,
  inputs: readonly Tensor[],
  vectors: readonly Tensor[],
): Tensor[] {
  if (inputs.length !== vectors.length) {
    throw new GradientError(
      `Cannot multiply the Hessian for ${inputs.length} tensors with ${vectors.length} vectors: ` +
        "give one vector per tensor",
    );
  }
  const other = inputs.findIndex(({ shape }, i) => !sameShape(shape, vectors[i]!.shape));
  if (other >= 0) {
    throw new ShapeError(
      `Cannot multiply the Hessian for a tensor of shape ${formatShape(inputs[other]!.shape)} ` +
        `with a vector of shape ${formatShape(vectors[other]!.shape)}: both must be the same`,
    );
  }
  return tidy(() =>
    withRecording(true, () => {
      const leaves = leavesOf(inputs);
      const value = f(...leaves);
      const gradients = gradientsOrZeros(value, leaves, { createGraph: true });
      const product = gradients
        .map((gradient, i) => gradient.mul(vectors[i]!).sum())
        .reduce((sum, term) => sum.add(term));
      return gradientsOrZeros(product, leaves);
    })
  );
}
