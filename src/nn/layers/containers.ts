/**
 * Layers that hold other layers, and those that only move data along.
 *
 * @module
 */
import { tidy } from "../../scope.ts";
import type { Tensor } from "../../tensor/mod.ts";
import { checkWhole } from "../check.ts";
import { Module } from "../module.ts";
import { foldable, forwardFolded } from "./folded.ts";

/**
 * One layer after the other. What a layer makes on the way is freed when the next one is done with
 * it, except what the tape saves. Its parts are called 0, 1, 2, ... In evaluation a `Conv2d` and the
 * `BatchNorm2d` after it are computed as one convolution, equal up to rounding.
 *
 * @example
 * ```ts
 * import { Linear, RandomStream, ReLU, Sequential } from "tapegrad";
 * const random = new RandomStream(1);
 * const model = new Sequential(
 *   new Linear(784, 100, { random }),
 *   new ReLU(),
 *   new Linear(100, 10, { random }),
 * );
 * [...model.parameters().keys()]; // ["0.weight", "0.bias", "2.weight", "2.bias"]
 * ```
 */
export class Sequential extends Module {
  /** In the order of their use. */
  readonly layers: readonly Module[];

  /** The first layer first. */
  constructor(...layers: readonly Module[]) {
    super();
    this.layers = layers;
  }

  /** What the last layer makes of it. */
  override forward(x: Tensor): Tensor {
    return tidy(() => {
      let y = x.alias(x.node);
      for (let i = 0; i < this.layers.length; i++) {
        const layer = this.layers[i]!, folded = foldable(layer, this.layers[i + 1]);
        if (folded !== undefined) i++;
        const next = tidy(() => {
          const result = folded === undefined ? layer.forward(y) : forwardFolded(folded, y);
          // A handle of our own: a layer may return its input, or a tensor that it holds.
          return result.alias(result.node);
        });
        y.dispose();
        y = next;
      }
      return y;
    });
  }

  /** The layers by number. */
  protected override fields(): Iterable<readonly [string, unknown]> {
    return this.layers.map((layer, i) => [String(i), layer] as const);
  }
}

/** y = x */
export class Identity extends Module {
  /** Another handle to x. */
  override forward(x: Tensor): Tensor {
    return x.alias(x.node);
  }
}

/**
 * All axes from `start` on as one: [N, H, W, C] becomes [N, H W C] by default. The order is that of
 * the axes, channels last; weights that PyTorch flattened channels first must be reordered.
 */
export class Flatten extends Module {
  /** The first axis that is joined. */
  readonly start: number;

  /** `start` is 1 by default. */
  constructor(start = 1) {
    super();
    checkWhole("Flatten", "start", start, 0);
    this.start = start;
  }

  /** x with fewer axes */
  override forward(x: Tensor): Tensor {
    return x.flatten(this.start);
  }

  /** Settings in the printed form. */
  protected override get settings(): string {
    return this.start === 1 ? "" : `start=${this.start}`;
  }
}
