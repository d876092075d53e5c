/**
 * Gradients against central differences, for those who write rules and for those who doubt them.
 *
 * @module
 */
import { GradientError } from "../errors.ts";
import { tidy } from "../scope.ts";
import type { Tensor } from "../tensor/mod.ts";
import { gradientsOrZeros } from "./functional.ts";
import { withRecording } from "./mode.ts";

/** How to compare. */
export interface GradcheckOptions {
  /** 2 also checks the derivative of the gradient. Default 1. */
  readonly order?: 1 | 2;
  /** Half the distance of the difference quotient. Default 1e-6 for f64, 1e-2 for f32. */
  readonly step?: number;
  /** Allowed absolute difference. Default 1e-6 for f64, 1e-2 for f32. */
  readonly atol?: number;
  /** Allowed difference relative to the difference quotient. Default 1e-5 for f64, 1e-2 for f32. */
  readonly rtol?: number;
}

/** A function of tensors whose gradients can be checked. */
export type TensorFunction = (...inputs: readonly Tensor[]) => Tensor;

/** Fixed weights between 0.5 and 1.5, without a pattern that a wrong rule could hide behind. */
function weightsLike(tensor: Tensor, salt: number): Tensor {
  return tensor.like(Array.from({ length: tensor.size }, (_, i) => {
    return 0.5 + ((i + 1) * 0.618034 + salt * 0.314159) % 1;
  }));
}

/** The scalar that stands for all of f's results: their sum under fixed weights. */
function weigh(f: TensorFunction): TensorFunction {
  return (...inputs) => {
    const y = f(...inputs);
    return y.mul(weightsLike(y, 1)).sum();
  };
}

function leavesOf(inputs: readonly Tensor[]): Tensor[] {
  return inputs.map((input) => {
    const leaf = input.detach();
    leaf.requiresGrad = input.requiresGrad;
    return leaf;
  });
}

/** The gradients of f with respect to the inputs that require one, recorded or not. */
function analytic(f: TensorFunction, inputs: readonly Tensor[], createGraph: boolean): Tensor[] {
  return withRecording(true, () => {
    const wanted = inputs.filter((input) => input.requiresGrad);
    return gradientsOrZeros(f(...inputs), wanted, { createGraph });
  });
}

async function firstOrder(
  f: TensorFunction,
  inputs: readonly Tensor[],
  label: string,
  options: GradcheckOptions,
): Promise<void> {
  const exact = inputs.every((input) => !input.requiresGrad || input.dtype === "f64");
  const { step = exact ? 1e-6 : 1e-2, atol = exact ? 1e-6 : 1e-2, rtol = exact ? 1e-5 : 1e-2 } =
    options;
  const gradients = tidy(() => analytic(f, leavesOf(inputs), false));
  const checked = inputs.flatMap((input, argument) => input.requiresGrad ? [argument] : []);
  for (const [position, argument] of checked.entries()) {
    const got = await gradients[position]!.data();
    const at = await inputs[argument]!.data();
    for (let i = 0; i < at.length; i++) {
      const [high, low] = [1, -1].map((sign) =>
        tidy(() => {
          const moved = at.slice();
          moved[i] = moved[i]! + sign * step;
          const others = [...inputs];
          others[argument] = inputs[argument]!.like(moved);
          others[argument].requiresGrad = true;
          return f(...others).detach();
        })
      );
      const quotient = (await high!.item() - await low!.item()) / (2 * step);
      high!.dispose();
      low!.dispose();
      if (Math.abs(got[i]! - quotient) <= atol + rtol * Math.abs(quotient)) continue;
      throw new GradientError(
        `Cannot confirm the ${label}: received derivative ${got[i]} for argument ${argument} at ` +
          `element ${i}, but the central difference gives ${quotient}`,
      );
    }
  }
  for (const gradient of gradients) gradient.dispose();
}

/**
 * Compares the gradients of `f` with central differences, for every element of every input that
 * requires a gradient. Use f64 inputs on the reference device; f32 is good to two digits only.
 *
 * @example
 * ```ts
 * import { gradcheck, tensor } from "tapegrad";
 * const x = tensor([0.1, 0.2], { dtype: "f64", requiresGrad: true });
 * await gradcheck((x) => x.tanh(), [x], { order: 2 });
 * ```
 * @throws GradientError that names the first derivative which differs.
 */
export async function gradcheck(
  f: TensorFunction,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): Promise<void> {
  if (!inputs.some((input) => input.requiresGrad)) {
    throw new GradientError("Cannot check gradients: no input requires one, set requiresGrad");
  }
  await firstOrder(weigh(f), inputs, "gradient", options);
  if (options.order !== 2) return;
  const gradientOf: TensorFunction = (...at) => {
    const gradients = analytic(weigh(f), at, true);
    return gradients
      .map((gradient, i) => gradient.mul(weightsLike(gradient, i + 2)).sum())
      .reduce((sum, term) => sum.add(term));
  };
  await firstOrder(gradientOf, inputs, "second derivative", options);
}
