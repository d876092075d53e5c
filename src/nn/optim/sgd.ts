import { sgd, sgdMomentum } from "../../kernels/mod.ts";
import { type Tensor, update } from "../../tensor/mod.ts";
import { type AveragingOptions, checkRange, Optimizer, type ParameterList } from "./optimizer.ts";

/** Settings of `SGD`. */
export interface SgdOptions extends AveragingOptions {
  /** Learning rate. */
  readonly lr: number;
  /** Share of the velocity that is kept, 0 to below 1. Default 0: no velocity at all. */
  readonly momentum?: number;
  /** Share of the gradient that does not enter the velocity. Default 0. */
  readonly dampening?: number;
  /** Factor of the parameter that is added to its gradient. Default 0. */
  readonly weightDecay?: number;
  /**
   * Which parameters decay, by name: often those with more than one axis, so that biases and what
   * batch norm learns are left alone. Default: all.
   */
  readonly decays?: (name: string, parameter: Tensor) => boolean;
  /** Look ahead along the velocity; needs momentum and no dampening. Default false. */
  readonly nesterov?: boolean;
}

/**
 * Stochastic gradient descent, as PyTorch defines it. With the gradient g of the parameter p:
 *
 *     g = g + weightDecay p
 *     v = momentum v + (1 - dampening) g      in the first step v = g
 *     p = p - lr v                            Nesterov: p = p - lr (g + momentum v)
 *
 * @example
 * ```ts
 * import { Linear, RandomStream, SGD, tensor } from "tapegrad";
 * const model = new Linear(2, 1, { random: new RandomStream(1) });
 * const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
 * model.forward(tensor([[1, 2]])).square().sum().backward();
 * optimizer.step();
 * optimizer.zeroGrad();
 * ```
 */
export class SGD extends Optimizer {
  /** Factor of the parameter that is added to its gradient. */
  readonly weightDecay: number;
  /** Share of the gradient that does not enter the velocity. */
  readonly dampening: number;
  /** Whether it looks ahead along the velocity. */
  readonly nesterov: boolean;
  /** Name in saved states. */
  protected readonly kind = "sgd";
  readonly #decays: (name: string, parameter: Tensor) => boolean;

  /** `parameters` is what `model.parameters()` gives, or a list. */
  constructor(parameters: ParameterList, options: SgdOptions) {
    const { momentum = 0, dampening = 0, weightDecay = 0, nesterov = false } = options;
    super(parameters, { ...options, momentum });
    checkRange("weight decay", weightDecay, 0, Infinity);
    checkRange("dampening", dampening, 0, Infinity);
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw new RangeError(
        `Cannot use Nesterov's momentum with momentum ${momentum} and dampening ${dampening}: ` +
          "momentum must be above 0 and dampening 0",
      );
    }
    this.weightDecay = weightDecay;
    this.#decays = options.decays ?? (() => true);
    this.dampening = dampening;
    this.nesterov = nesterov;
  }

  /** Rate, decay, momentum, and the share of the gradient in the velocity. */
  protected override scalars(step: number, decays: boolean): readonly number[] {
    const decay = decays ? this.weightDecay : 0;
    return [this.lr, decay, this.momentum, step === 1 ? 1 : 1 - this.dampening];
  }

  /** As the option says. */
  protected override decays(name: string, parameter: Tensor): boolean {
    return this.#decays(name, parameter);
  }

  /** Runs sgd, or sgdMomentum where there is momentum. */
  protected override update(
    inputs: readonly [grad: Tensor, scalars: Tensor],
    parameter: Tensor,
    state: (name: string) => Tensor,
  ): void {
    if (this.momentum === 0) update(sgd, inputs, [parameter], undefined);
    else {
      const { nesterov } = this;
      update(sgdMomentum, inputs, [parameter, state("velocity")], { nesterov });
    }
  }
}
