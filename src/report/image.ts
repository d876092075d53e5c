/**
 * Pictures as plain numbers.
 *
 * @module
 */

/** A picture, channels last: the value of (x, y, c) is `pixels[(y * width + x) * channels + c]`. */
export interface Image {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** 1 for grey, 3 for red, green and blue. */
  readonly channels: 1 | 3;
  /** Brightness in 0..1. */
  readonly pixels: ArrayLike<number>;
}

/** How far rounding may carry a value out of 0..1. */
const SLACK = 1e-5;

/** Throws when the sizes do not fit or a value is not in 0..1; `act` begins the sentence. */
export function checkImage(act: string, image: Image): void {
  const { width, height, channels, pixels } = image;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new RangeError(
      `Cannot ${act}: its size is ${width} x ${height}, it must be 1 x 1 or more`,
    );
  }
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(`Cannot ${act}: it has ${channels} channels, it must have 1 or 3`);
  }
  const size = width * height * channels;
  if (pixels.length !== size) {
    throw new RangeError(
      `Cannot ${act}: it has ${pixels.length} values, ` +
        `${width} x ${height} x ${channels} needs ${size}`,
    );
  }
  for (let at = 0; at < size; at++) {
    const value = pixels[at] ?? NaN;
    if (!(value >= -SLACK && value <= 1 + SLACK)) {
      throw new RangeError(`Cannot ${act}: value ${at} is ${value}, it must be in 0..1`);
    }
  }
}

/** The byte nearest to a brightness in 0..1. Truncating instead would darken the picture by half a step. */
export function toByte(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 255);
}
