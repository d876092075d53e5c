/**
 * Records of CIFAR-10 and CIFAR-100: one label byte (CIFAR-100: the coarse label, then the fine
 * one) and the 32x32 image as three planes, red, green and blue, row by row.
 *
 * @module
 */
import { bytesText, DataError } from "./data_error.ts";

const PLANE = 32 * 32;
const IMAGE = 3 * PLANE;

/** Images and labels of a file. */
export interface Records {
  /** 32x32x3 bytes per image, channels last. */
  readonly pixels: Uint8Array;
  /** One byte per image. */
  readonly labels: Uint8Array;
}

/** What a record looks like. */
export interface RecordFormat {
  /** Label bytes before the image. */
  readonly labelBytes: number;
  /** Which of them to take. */
  readonly label: number;
  /** How many classes it tells apart. */
  readonly classes: number;
}

/**
 * Reads uncompressed records.
 *
 * @throws DataError when they are not whole, or a label is not below the number of classes.
 */
export function parseCifar(name: string, bytes: Uint8Array, format: RecordFormat): Records {
  const { labelBytes, label, classes } = format;
  const record = labelBytes + IMAGE;
  if (bytes.length === 0 || bytes.length % record !== 0) {
    throw new DataError(
      `Cannot read ${name}: ${bytesText(bytes.length)} are not whole records of ` +
        `${bytesText(record)}, the file is truncated or another one`,
    );
  }
  const count = bytes.length / record;
  const pixels = new Uint8Array(count * IMAGE), labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const start = i * record, planes = start + labelBytes, at = i * IMAGE;
    labels[i] = bytes[start + label]!;
    if (labels[i]! >= classes) {
      throw new DataError(
        `Cannot read ${name}: record ${i} has label ${labels[i]}, it must be below ${classes}`,
      );
    }
    for (let p = 0; p < PLANE; p++) {
      pixels[at + 3 * p] = bytes[planes + p]!;
      pixels[at + 3 * p + 1] = bytes[planes + PLANE + p]!;
      pixels[at + 3 * p + 2] = bytes[planes + 2 * PLANE + p]!;
    }
  }
  return { pixels, labels };
}
