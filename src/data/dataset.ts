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
import { type Augmentation, augmentedPixels, augmentedShape, plainPixels } from "./augment.ts";

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
  checkPlaces(data, places);
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
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
  /** Changes the images at random. Default: as they are. */
  readonly augment?: Augmentation;
  /** Which pass over the data it is, so that every pass is augmented anew. Default 0. */
  readonly epoch?: number;
  /** Batches at the beginning that are passed over, to go on in the middle of a pass. Default 0. */
  readonly skip?: number;
  /** Default: the device of the last `init()`. */
  readonly device?: Device;
}

/** How one batch is made. */
type OneBatch = Pick<BatchOptions, "augment" | "epoch" | "device">;

function checkPlaces(data: Dataset, places: ArrayLike<number>): void {
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    if (Number.isInteger(place) && place >= 0 && place < data.labels.length) continue;
    throw new RangeError(
      `Cannot take example ${place} of ${data.name}: it has examples 0 to ${
        data.labels.length - 1
      }`,
    );
  }
}

/** Pixels of some examples as numbers from 0 to 1, shape [N, H, W, C]. */
function pixelsOf(
  data: Dataset,
  places: ArrayLike<number>,
  { augment, epoch = 0, into }: OneBatch & { readonly into?: Float32Array },
): Float32Array {
  checkPlaces(data, places);
  if (augment === undefined) return plainPixels(data, places, sizeOf(data.imageShape), into);
  return augmentedPixels(data, places, { augment, epoch, ...into === undefined ? {} : { into } });
}

function upload(
  data: Dataset,
  places: ArrayLike<number>,
  { pixels, augment, device }: {
    readonly pixels: Float32Array;
    readonly augment?: Augmentation | undefined;
    readonly device?: Device | undefined;
  },
): Batch {
  const size = places.length;
  const on = device === undefined ? {} : { device };
  const labels = new Int32Array(size), ids = new Uint32Array(size);
  for (let i = 0; i < size; i++) {
    labels[i] = data.labels[places[i]!]!;
    ids[i] = data.ids[places[i]!]!;
  }
  return {
    images: tensor(pixels, { shape: [size, ...augmentedShape(data, augment)], ...on }),
    labels: tensor(labels, on),
    ids: tensor(ids, on),
    size,
  };
}

/** Some examples as tensors; dispose them with `disposeBatch`. */
export function batchOf(data: Dataset, places: ArrayLike<number>, device?: Device): Batch {
  return upload(data, places, { pixels: pixelsOf(data, places, {}), device });
}

/** Gives the tensors of a batch back. */
export function disposeBatch({ images, labels, ids }: Batch): void {
  for (const part of [images, labels, ids]) part.dispose();
}

/**
 * All examples, batch after batch. A batch is disposed when the next one is asked for. While the
 * caller waits for its device, the pixels of the next batch are made ready.
 *
 * @throws RangeError for a batch size below 1, or an augmentation that cannot be.
 */
export function* batches(data: Dataset, options: BatchOptions): Generator<Batch, void, void> {
  const { batchSize, random, augment, device, skip = 0 } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`Cannot make batches of ${batchSize}: it must be a whole number >= 1`);
  }
  const count = data.labels.length;
  const order = random?.permutation(count) ?? Uint32Array.from({ length: count }, (_, i) => i);
  const size = sizeOf(augmentedShape(data, augment));
  const placesAt = (start: number) => order.subarray(start, start + batchSize);
  // Devices copy what they are given, so that one array serves all batches.
  const memory = new Float32Array(Math.min(batchSize, count) * size);
  let ready = -1;
  const prepare = (start: number): void => {
    if (start >= count || ready === start) return;
    const places = placesAt(start);
    pixelsOf(data, places, { ...options, into: memory.subarray(0, places.length * size) });
    ready = start;
  };
  let open = true;
  try {
    for (let start = skip * batchSize; start < count; start += batchSize) {
      prepare(start);
      const places = placesAt(start);
      const pixels = memory.subarray(0, places.length * size);
      const batch = upload(data, places, { pixels, augment, device });
      queueMicrotask(() => {
        // A batch that was asked for in the meantime has overtaken this.
        if (open && ready === start) prepare(start + batchSize);
      });
      try {
        yield batch;
      } finally {
        disposeBatch(batch);
      }
    }
  } finally {
    open = false;
  }
}
