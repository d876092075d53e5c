/**
 * The small network for handwritten digits of "Fast is better than free: revisiting adversarial
 * training" (Wong, Rice, Kolter, ICLR 2020).
 *
 * @module
 */
import type { Device } from "../../backend/mod.ts";
import type { RandomStream } from "../../random.ts";
import { ReLU } from "../layers/activations.ts";
import { Flatten, Sequential } from "../layers/containers.ts";
import { Conv2d } from "../layers/convolution.ts";
import { Linear } from "../layers/linear.ts";

/** Settings of `smallCnn`. */
export interface SmallCnnOptions {
  /** Where the first weights come from. */
  readonly random: RandomStream;
  /** Number of classes. Default 10. */
  readonly classes?: number;
  /** Channels of the images. Default 1. */
  readonly channels?: number;
  /** Default: the device of the last `init()`. */
  readonly device?: Device;
}

/**
 * Two convolutions 4x4 of stride 2 to 16 and 32 channels, a linear layer to 100, and one to the
 * classes, with ReLU between them. Images [N, 28, 28, channels] give logits [N, classes].
 *
 * @example
 * ```ts
 * import { RandomStream, smallCnn } from "tapegrad";
 * smallCnn({ random: new RandomStream(1) }).parameterCount(); // 166406
 * ```
 */
export function smallCnn(options: SmallCnnOptions): Sequential {
  const { classes = 10, channels = 1, ...where } = options;
  const halving = { stride: 2, padding: 1, ...where };
  return new Sequential(
    new Conv2d(channels, 16, 4, halving),
    new ReLU(),
    new Conv2d(16, 32, 4, halving),
    new ReLU(),
    new Flatten(),
    new Linear(32 * 7 * 7, 100, where),
    new ReLU(),
    new Linear(100, classes, where),
  );
}
