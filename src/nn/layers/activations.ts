/**
 * Activation functions as layers. None has parameters; each does what the method of its name on
 * Tensor does, in any shape.
 *
 * @module
 */
import type { Tensor } from "../../tensor/mod.ts";
import { Module } from "../module.ts";

/** y = max(x, 0) */
export class ReLU extends Module {
  /** max(x, 0) */
  override forward(x: Tensor): Tensor {
    return x.relu();
  }
}

/** y = x where x > 0, else slope x. */
export class LeakyReLU extends Module {
  /** Factor below 0. */
  readonly slope: number;

  /** `slope` is 0.01 by default. */
  constructor(slope = 0.01) {
    super();
    if (!Number.isFinite(slope)) {
      throw new RangeError(`Cannot make LeakyReLU: slope is ${slope}, it must be a finite number`);
    }
    this.slope = slope;
  }

  /** x where x > 0, else slope x */
  override forward(x: Tensor): Tensor {
    return x.leakyRelu(this.slope);
  }

  /** Settings in the printed form. */
  protected override get settings(): string {
    return `slope=${this.slope}`;
  }
}

/** y = x where x > 0, else e^x - 1. */
export class ELU extends Module {
  /** x where x > 0, else e^x - 1 */
  override forward(x: Tensor): Tensor {
    return x.elu();
  }
}

/** y = x / (1 + e^-x) */
export class SiLU extends Module {
  /** x / (1 + e^-x) */
  override forward(x: Tensor): Tensor {
    return x.silu();
  }
}

/** Gaussian error linear unit in its tanh form; PyTorch calls it `GELU(approximate="tanh")`. */
export class GELU extends Module {
  /** x times the share of a normal distribution below x, nearly */
  override forward(x: Tensor): Tensor {
    return x.gelu();
  }
}

/** y = 1 / (1 + e^-x) */
export class Sigmoid extends Module {
  /** 1 / (1 + e^-x) */
  override forward(x: Tensor): Tensor {
    return x.sigmoid();
  }
}

/** Hyperbolic tangent. */
export class Tanh extends Module {
  /** tanh(x) */
  override forward(x: Tensor): Tensor {
    return x.tanh();
  }
}

/** y = log(1 + e^x) */
export class Softplus extends Module {
  /** log(1 + e^x) */
  override forward(x: Tensor): Tensor {
    return x.softplus();
  }
}

/** y = e^x / sum of e^x along an axis. Losses take logits: no softmax before crossEntropy. */
export class Softmax extends Module {
  /** Along which axis. */
  readonly axis: number;

  /** `axis` is the last one by default. */
  constructor(axis = -1) {
    super();
    if (!Number.isInteger(axis)) {
      throw new RangeError(`Cannot make Softmax: axis is ${axis}, it must be a whole number`);
    }
    this.axis = axis;
  }

  /** e^x / sum of e^x */
  override forward(x: Tensor): Tensor {
    return x.softmax(this.axis);
  }

  /** Settings in the printed form. */
  protected override get settings(): string {
    return `axis=${this.axis}`;
  }
}
