/**
 * Training that begins on small images: they cost less, and what is learned of them serves for larger
 * ones ("EfficientNetV2", Tan and Le, ICML 2021, section 4).
 *
 * @module
 */

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
