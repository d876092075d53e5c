import { adam, amsgrad } from "../../kernels/mod.ts";
import { type Tensor, update } from "../../tensor/mod.ts";
import { type AveragingOptions, checkRange, Optimizer, type ParameterList } from "./optimizer.ts";

/** Settings of `Adam` and `AdamW`. */
export interface AdamOptions extends AveragingOptions {
  /** Learning rate. Default 0.001. */
  readonly lr?: number;
  /** Shares of the past in the running means of the gradient and of its square. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the mean square. Default 1e-8. */
  readonly epsilon?: number;
  /** Default 0 for Adam, 0.01 for AdamW. */
  readonly weightDecay?: number;
  /** Divide by the largest mean square so far. Default false. */
  readonly amsgrad?: boolean;
}

/**
 * Adam (Kingma and Ba, 2015), as PyTorch defines it. With the gradient g of the parameter p, in its
 * step t:
 *
 *     g = g + weightDecay p
 *     m = b1 m + (1 - b1) g
 *     s = b2 s + (1 - b2) g²                  amsgrad goes on with the largest s so far
 *     p = p - lr (m / (1 - b1^t)) / (sqrt(s / (1 - b2^t)) + epsilon)
 *
 * @example
 * ```ts
 * import { Adam, Linear, RandomStream, tensor } from "tapegrad";
 * const model = new Linear(2, 1, { random: new RandomStream(1) });
 * const optimizer = new Adam(model.parameters(), { lr: 0.01 });
 * model.forward(tensor([[1, 2]])).square().sum().backward();
 * optimizer.step();
 * optimizer.zeroGrad();
 * ```
 */
export class Adam extends Optimizer {
  /** Share of the past in the mean square; the other beta is `momentum`. */
  readonly beta2: number;
  /** Added to the root of the mean square. */
  readonly epsilon: number;
  /** Factor of the parameter that is added to its gradient; for AdamW, taken off the parameter. */
  readonly weightDecay: number;
  /** Whether it divides by the largest mean square so far. */
  readonly amsgrad: boolean;
  /** Name in saved states. */
  protected readonly kind: string = "adam";
  /** Whether decay acts on the parameter itself. */
  protected readonly decoupled: boolean = false;

  /** `parameters` is what `model.parameters()` gives, or a list. */
  constructor(parameters: ParameterList, options: AdamOptions = {}) {
    const { lr = 1e-3, betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0 } = options;
    super(parameters, { ...options, lr, momentum: betas[0] });
    checkRange("the second beta", betas[1], 0, 1);
    checkRange("epsilon", epsilon, 0, Infinity);
    checkRange("weight decay", weightDecay, 0, Infinity);
    this.beta2 = betas[1];
    this.epsilon = epsilon;
    this.weightDecay = weightDecay;
    this.amsgrad = options.amsgrad ?? false;
  }

  /** In the order that the kernel takes them. */
  protected override scalars(step: number): readonly number[] {
    const { lr, momentum: b1, beta2: b2, epsilon, weightDecay, decoupled } = this;
    return [
      lr / (1 - b1 ** step),
      1 / Math.sqrt(1 - b2 ** step),
      decoupled ? 1 - lr * weightDecay : 1,
      decoupled ? 0 : weightDecay,
      b1,
      1 - b1,
      b2,
      1 - b2,
      epsilon,
    ];
  }

  /** Runs adam or amsgrad. */
  protected override update(
    inputs: readonly [grad: Tensor, scalars: Tensor],
    parameter: Tensor,
    state: (name: string) => Tensor,
  ): void {
    const moved = [parameter, state("mean"), state("square")];
    if (this.amsgrad) update(amsgrad, inputs, [...moved, state("largestSquare")], undefined);
    else update(adam, inputs, moved, undefined);
  }
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019): p = (1 - lr weightDecay) p, then
 * Adam without decay. Its weightDecay is 0.01 by default.
 */
export class AdamW extends Adam {
  /** Name in saved states. */
  protected override readonly kind = "adamw";
  /** Decay acts on the parameter itself. */
  protected override readonly decoupled = true;

  /** `parameters` is what `model.parameters()` gives, or a list. */
  constructor(parameters: ParameterList, options: AdamOptions = {}) {
    super(parameters, { weightDecay: 0.01, ...options });
  }
}
