/**
 * Training that begins on small images: they cost less, and what is learned of them serves for larger
 * ones ("EfficientNetV2", Tan and Le, ICML 2021, section 4).
 *
 * @module
 */
import { noGrad } from "../../autograd/mod.ts";
import type { Dataset } from "../../data/mod.ts";
import { ShapeError } from "../../errors.ts";
import { type Module, withMode } from "../../nn/mod.ts";
import { tidy } from "../../scope.ts";
import { zeros } from "../../tensor/mod.ts";
import type { RunSettings } from "./settings.ts";

/** Images grow by this many pixels, so that they can be halved twice. */
const STEP = 4;

/**
 * Edge of the images in an epoch, counted from 1: it grows in equal parts of the first two thirds of
 * the epochs from `start` to `full`, where it stays. A start of 0 is full from the beginning.
 *
 * @example
 * ```ts
 * [1, 2, 3, 4, 5, 6].map((epoch) => edgeIn(epoch, { start: 24, full: 32, epochs: 6 }));
 * // [24, 24, 28, 28, 32, 32]
 * ```
 */
export function edgeIn(
  epoch: number,
  { start, full, epochs }: {
    readonly start: number;
    readonly full: number;
    readonly epochs: number;
  },
): number {
  const growing = Math.floor(2 * epochs / 3);
  if (start === 0 || epoch > growing) return full;
  const sizes = Math.ceil((full - start) / STEP);
  return start + STEP * Math.floor((epoch - 1) * sizes / growing);
}

/** Height and width of the images in an epoch. */
export function sizeIn(
  { startSize: start, epochs }: Pick<RunSettings, "startSize" | "epochs">,
  { imageShape: [height, width] }: Pick<Dataset, "imageShape">,
  epoch: number,
): readonly [height: number, width: number] {
  const full = Math.min(height, width), share = edgeIn(epoch, { start, full, epochs }) / full;
  return [Math.round(share * height), Math.round(share * width)];
}

/** Throws RangeError where the images are smaller than the first ones, or the model does not take these. */
export function checkStart(
  model: Module,
  settings: Pick<RunSettings, "startSize" | "epochs" | "model">,
  data: Dataset,
): void {
  const { startSize } = settings, [height, width, channels] = data.imageShape;
  if (startSize === 0) return;
  if (startSize > Math.min(height, width)) {
    throw new RangeError(
      `Cannot train with --start-size ${startSize}: the images are ${height} x ${width} pixels`,
    );
  }
  const [parameter] = model.parameters().values(), size = sizeIn(settings, data, 1);
  try {
    const on = parameter === undefined ? {} : { device: parameter.device };
    const forward = () => tidy(() => void model.forward(zeros([1, ...size, channels], on)));
    withMode(model, false, () => noGrad(forward));
  } catch (error) {
    if (!(error instanceof ShapeError || error instanceof RangeError)) throw error;
    throw new RangeError(
      `Cannot train with --start-size ${startSize}: ${settings.model} does not take images of ` +
        `${size.join(" x ")} pixels (${error.message})`,
    );
  }
}
