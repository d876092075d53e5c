/**
 * Labelled images in memory, one byte per channel, and how batches of them become tensors.
 *
 * @module
 */
import type { Device } from "../backend/mod.ts";
import { ShapeError } from "../errors.ts";
import type { RandomStream } from "../random.ts";
import { sizeOf } from "../shape.ts";
import { type Tensor, tensor } from "../tensor/mod.ts";

/** Labelled images. */
export interface Dataset {
  /** What reports and errors call it. */
  readonly name: string;
  /** Height, width and channels of every image. */
  readonly imageShape: readonly [height: number, width: number, channels: number];
  /** Name of every class; labels index it. */
  readonly classes: readonly string[];
  /** Pixels from 0 to 255, image after image, row by row, channels last. */
  readonly pixels: Uint8Array;
  /** Class of every image. */
  readonly labels: Uint8Array;
  /** Number of every image in the whole of its data, so that random numbers follow it. */
  readonly ids: Uint32Array;
}

/** Some examples on a device. */
export interface Batch {
  /** Shape [N, H, W, C], pixels from 0 to 1. */
  readonly images: Tensor;
  /** Shape [N], i32. */
  readonly labels: Tensor;
  /** Shape [N], u32. */
  readonly ids: Tensor;
  /** How many examples. */
  readonly size: number;
}

/** Checks that all parts fit together and gives the dataset. */
export function dataset(fields: Omit<Dataset, "ids"> & { readonly ids?: Uint32Array }): Dataset {
  const { name, imageShape, classes, pixels, labels } = fields;
  const ids = fields.ids ?? Uint32Array.from(labels, (_, i) => i);
  const size = sizeOf(imageShape);
  if (pixels.length !== labels.length * size || ids.length !== labels.length) {
    throw new ShapeError(
      `Cannot make the dataset ${name} from ${pixels.length} bytes, ${labels.length} labels and ` +
        `${ids.length} ids: every image needs ${size} bytes, one label and one id`,
    );
  }
  const wrong = labels.find((label) => label >= classes.length);
  if (wrong === undefined) return { name, imageShape, classes, pixels, labels, ids };
  throw new RangeError(
    `Cannot make the dataset ${name} with label ${wrong}: there are ${classes.length} classes`,
  );
}

/** The examples at these places, in this order. */
export function subset(data: Dataset, places: ArrayLike<number>): Dataset {
  const size = sizeOf(data.imageShape);
  const pixels = new Uint8Array(places.length * size);
  const labels = new Uint8Array(places.length);
  const ids = new Uint32Array(places.length);
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    if (!Number.isInteger(place) || place < 0 || place >= data.labels.length) {
      throw new RangeError(
        `Cannot take example ${place} of ${data.name}: it has examples 0 to ${
          data.labels.length - 1
        }`,
      );
    }
    pixels.set(data.pixels.subarray(place * size, (place + 1) * size), i * size);
    labels[i] = data.labels[place]!;
    ids[i] = data.ids[place]!;
  }
  return { ...data, pixels, labels, ids };
}

/** Splits a shuffled dataset into parts of the given sizes. */
export function split(
  data: Dataset,
  sizes: readonly number[],
  random: RandomStream,
): Dataset[] {
  const wanted = sizes.reduce((sum, size) => sum + size, 0);
  if (wanted > data.labels.length) {
    throw new RangeError(
      `Cannot split ${data.labels.length} examples into parts of ${sizes.join(", ")}: ` +
        `that is ${wanted}`,
    );
  }
  const order = random.permutation(data.labels.length);
  let start = 0;
  return sizes.map((size) => subset(data, order.subarray(start, start += size)));
}

/** How to cut a dataset into batches. */
export interface BatchOptions {
  /** Examples per batch; the last one may be smaller. */
  readonly batchSize: number;
  /** Shuffles with this stream. Default: in order. */
  readonly random?: RandomStream;
  /** Default: the device of the last `init()`. */
  readonly device?: Device;
}

/** Every byte as a number from 0 to 1. */
const BRIGHTNESS = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/** A plain loop over a table: many times as fast as Float32Array.from with a function. */
function brightness(pixels: Uint8Array): Float32Array {
  const values = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) values[i] = BRIGHTNESS[pixels[i]!]!;
  return values;
}

/** Some examples as tensors; dispose them with `disposeBatch`. */
export function batchOf(data: Dataset, places: ArrayLike<number>, device?: Device): Batch {
  const part = subset(data, places);
  const size = places.length;
  const on = device === undefined ? {} : { device };
  return {
    images: tensor(brightness(part.pixels), {
      shape: [size, ...data.imageShape],
      ...on,
    }),
    labels: tensor(Int32Array.from(part.labels), on),
    ids: tensor(part.ids, on),
    size,
  };
}

/** Gives the tensors of a batch back. */
export function disposeBatch({ images, labels, ids }: Batch): void {
  for (const part of [images, labels, ids]) part.dispose();
}

/**
 * All examples, batch after batch. A batch is disposed when the next one is asked for.
 *
 * @throws RangeError for a batch size below 1.
 */
export function* batches(data: Dataset, options: BatchOptions): Generator<Batch, void, void> {
  const { batchSize, random, device } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`Cannot make batches of ${batchSize}: it must be a whole number >= 1`);
  }
  const count = data.labels.length;
  const order = random?.permutation(count) ?? Uint32Array.from({ length: count }, (_, i) => i);
  for (let start = 0; start < count; start += batchSize) {
    const batch = batchOf(data, order.subarray(start, start + batchSize), device);
    try {
      yield batch;
    } finally {
      disposeBatch(batch);
    }
  }
}
