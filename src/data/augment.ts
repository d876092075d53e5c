/**
 * Augmentation on the host, while bytes become numbers: random crop with padding, horizontal flip
 * and cutout (DeVries and Taylor 2017). What happens to an image is a pure function of (seed,
 * epoch, id of the image), so batch size, order and resuming do not change it.
 *
 * @module
 */
import { philox } from "../random.ts";
import { sizeOf } from "../shape.ts";
import type { Dataset } from "./dataset.ts";
import { shrinker } from "./shrink.ts";

/** What may happen to an image. Values left out change nothing. */
export interface Augmentation {
  /** Whole number from 0 to 2^53 - 1. */
  readonly seed: number;
  /** Pads by this many pixels on every side and crops the old size at a random place. Default 0. */
  readonly crop?: number;
  /** What crop pads with: `fill`, or the image mirrored at its edge pixels. Default "fill". */
  readonly padding?: "fill" | "reflect";
  /** Mirrors every second image, left to right. Default false. */
  readonly flip?: boolean;
  /** Edge of a square put at a random place, cut off at the borders; in pixels. Default 0. */
  readonly cutout?: number;
  /** Colour from 0 to 1 of padding and cutout, one number per channel. Default 0 everywhere. */
  readonly fill?: readonly number[];
  /** Shows the whole in fewer pixels, last of all. Default: as many as the data have. */
  readonly size?: readonly [height: number, width: number];
}

/** Height, width and channels of augmented images. */
export function augmentedShape(
  { imageShape }: Dataset,
  augment: Augmentation | undefined,
): readonly [height: number, width: number, channels: number] {
  const [height, width] = augment?.size ?? imageShape;
  return [height, width, imageShape[2]];
}

/** Tells these draws from those of a RandomStream with the same seed: "augm" in ASCII. */
const STREAM = 0x6175676d;

/**
 * A byte times this, rounded to f32, equals the byte / 255 for all 256 of them, and a product costs
 * less than a quotient or a table.
 */
const BRIGHTNESS = 1 / 255;

/** A random word as a whole number below `count`. */
const below = (word: number, count: number): number => Math.floor(word * 2 ** -32 * count);

/** Which pixel each place of a line shows: `offset` pixels further, or -1 for the fill colour. */
function line(into: Int32Array, offset: number, reflect: boolean): void {
  const last = into.length - 1;
  for (let i = 0; i <= last; i++) {
    let from = i + offset;
    if (reflect) from = from < 0 ? -from : from > last ? 2 * last - from : from;
    into[i] = from < 0 || from > last ? -1 : from;
  }
}

/** @throws RangeError for a number that cannot be. */
function checkAugmentation(data: Dataset, augmentation: Augmentation): void {
  const [height, width, channels] = data.imageShape;
  const { seed, crop = 0, padding = "fill", cutout = 0, fill, size } = augmentation;
  const edge = Math.min(height, width);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`Cannot augment with seed ${seed}: it must be a whole number >= 0`);
  }
  if (!Number.isInteger(crop) || crop < 0 || (padding === "reflect" && crop >= edge)) {
    throw new RangeError(
      `Cannot augment with a crop of ${crop} pixels: it must be a whole number >= 0, and below ` +
        `the image's edge of ${edge} where padding is "reflect"`,
    );
  }
  if (!Number.isInteger(cutout) || cutout < 0) {
    throw new RangeError(
      `Cannot augment with a cutout of ${cutout}: it must be a whole number >= 0`,
    );
  }
  const fits = (wanted: number, most: number) =>
    Number.isInteger(wanted) && wanted >= 1 && wanted <= most;
  if (size !== undefined && !(fits(size[0], height) && fits(size[1], width))) {
    throw new RangeError(
      `Cannot augment to a size of ${size.join(" x ")} pixels: it must be from 1 x 1 to the ` +
        `${height} x ${width} of ${data.name}`,
    );
  }
  if (fill !== undefined && fill.length !== channels) {
    throw new RangeError(
      `Cannot augment with ${fill.length} fill colours: ${data.name} has ${channels} channels`,
    );
  }
}

/** One image to place after the other into an array of numbers. */
interface Canvas {
  readonly into: Float32Array;
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly fill: Float32Array;
}

/** The bytes of one image: a view, within which places are small integers and loops fast. */
function imageAt({ pixels }: Dataset, place: number, size: number): Uint8Array {
  return pixels.subarray(place * size, (place + 1) * size);
}

/** A plain loop: many times as fast as Float32Array.from with a function. */
function copy(image: Uint8Array, into: Float32Array, at: number): void {
  for (let k = 0; k < image.length; k++) into[at + k] = image[k]! * BRIGHTNESS;
}

/** Copies an image through the tables of rows and columns. */
function draw(image: Uint8Array, at: number, canvas: Canvas): void {
  const { into, rows, columns, fill } = canvas;
  const width = columns.length, channels = fill.length;
  const length = width * channels;
  for (let y = 0; y < rows.length; y++) {
    const to = at + y * length, from = rows[y]! * length;
    if (rows[y]! < 0) blank(into, to, canvas);
    else if (channels === 3) colours(image, from, to, canvas);
    else {
      for (let k = 0; k < length; k++) {
        const c = k % channels, column = columns[(k - c) / channels]!;
        into[to + k] = column < 0 ? fill[c]! : image[from + column * channels + c]! * BRIGHTNESS;
      }
    }
  }
}

/** One line of fill colour. */
function blank(into: Float32Array, to: number, { columns, fill }: Canvas): void {
  for (let k = 0; k < columns.length * fill.length; k++) into[to + k] = fill[k % fill.length]!;
}

/** One line of three channels, the usual case: fast. */
function colours(
  image: Uint8Array,
  from: number,
  to: number,
  { into, columns, fill }: Canvas,
): void {
  const red = fill[0]!, green = fill[1]!, blue = fill[2]!;
  for (let x = 0, k = to; x < columns.length; x++, k += 3) {
    const column = columns[x]!;
    if (column < 0) {
      into[k] = red;
      into[k + 1] = green;
      into[k + 2] = blue;
    } else {
      const source = from + column * 3;
      into[k] = image[source]! * BRIGHTNESS;
      into[k + 1] = image[source + 1]! * BRIGHTNESS;
      into[k + 2] = image[source + 2]! * BRIGHTNESS;
    }
  }
}

/** Fills the square around (cy, cx) as far as it lies inside. */
function cut(
  data: Dataset,
  at: number,
  edge: number,
  centre: readonly [number, number],
  { into, fill }: Canvas,
): void {
  const [height, width, channels] = data.imageShape;
  const top = centre[0] - (edge >> 1), left = centre[1] - (edge >> 1);
  const right = Math.min(width, left + edge);
  for (let y = Math.max(0, top); y < Math.min(height, top + edge); y++) {
    for (let x = Math.max(0, left); x < right; x++) {
      for (let c = 0; c < channels; c++) into[at + (y * width + x) * channels + c] = fill[c]!;
    }
  }
}

/**
 * Numbers from 0 to 1 of the images at these places, augmented: shape [N, H, W, C], row-major, with
 * H and W of `augment.size`.
 *
 * @param into Where to put them. Default: a new array.
 * @throws RangeError for an augmentation that cannot be.
 */
export function augmentedPixels(
  data: Dataset,
  places: ArrayLike<number>,
  options: { readonly augment: Augmentation; readonly epoch: number; readonly into?: Float32Array },
): Float32Array {
  const { augment, epoch } = options;
  checkAugmentation(data, augment);
  const [height, width, channels] = data.imageShape;
  const { seed, crop = 0, padding = "fill", flip = false, cutout = 0 } = augment;
  const size = height * width * channels, shown = sizeOf(augmentedShape(data, augment));
  const into = options.into ?? new Float32Array(places.length * shown);
  const fill = Float32Array.from(augment.fill ?? new Float32Array(channels));
  const shrink = shown === size ? undefined : shrinker(data.imageShape, augment.size!);
  // What is to be shrunk is drawn on a sheet of its own.
  const sheet = shrink === undefined ? into : new Float32Array(size);
  const [rows, columns] = [new Int32Array(height), new Int32Array(width)];
  const canvas = { into: sheet, fill, rows, columns };
  const key = [seed >>> 0, Math.floor(seed / 2 ** 32)] as const;
  for (let i = 0; i < places.length; i++) {
    const id = data.ids[places[i]!]!;
    const [where, mirror, cutY, cutX] = philox([0, id, epoch >>> 0, STREAM], key);
    // Two draws of 16 bits are plenty for a shift of a few pixels.
    line(rows, below((where & 0xffff) * 0x10000, 2 * crop + 1) - crop, padding === "reflect");
    line(columns, below((where >>> 16) * 0x10000, 2 * crop + 1) - crop, padding === "reflect");
    if (flip && mirror >>> 31 === 1) columns.reverse();
    const at = shrink === undefined ? i * size : 0;
    draw(imageAt(data, places[i]!, size), at, canvas);
    if (cutout > 0) cut(data, at, cutout, [below(cutY, height), below(cutX, width)], canvas);
    shrink?.(sheet, into, i * shown);
  }
  return into;
}

/** Numbers from 0 to 1 of the images at these places: shape [N, H, W, C], row-major. */
export function plainPixels(
  data: Dataset,
  places: ArrayLike<number>,
  size: number,
  into: Float32Array = new Float32Array(places.length * size),
): Float32Array {
  for (let i = 0; i < places.length; i++) copy(imageAt(data, places[i]!, size), into, i * size);
  return into;
}
