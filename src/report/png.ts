/**
 * Pictures as PNG files.
 *
 * @module
 */
import { PNG } from "pngjs";
import { checkImage, type Image, toByte } from "./image.ts";

/** PNG's names of what a pixel holds. */
const COLOUR_TYPE = { 1: 0, 3: 2 } as const;

/** The bytes of a PNG file with 8 bits a channel, each value rounded to the nearest. */
export function encodePng(image: Image): Uint8Array {
  checkImage("encode picture", image);
  const { width, height, channels, pixels } = image;
  const colorType = COLOUR_TYPE[channels];
  const png = new PNG({ width, height });
  // pngjs types its pixels as Node's Buffer and calls methods that a plain Uint8Array lacks.
  png.data = png.data.subarray(0, pixels.length);
  for (let at = 0; at < pixels.length; at++) png.data[at] = toByte(pixels[at] ?? 0);
  const file = PNG.sync.write(png, {
    colorType,
    inputColorType: colorType,
    inputHasAlpha: false,
    // Pictures here are flat areas and enlarged pixels: whole repeats shrink better than any filter.
    filterType: 0,
    deflateStrategy: 0,
  });
  return Uint8Array.from(file);
}
