/**
 * A folder of PNG images with one subfolder per class.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { PNG } from "pngjs";
import { bytesText, DataError } from "../data_error.ts";
import { type Dataset, dataset } from "../dataset.ts";
import { readLimited } from "./file_store.ts";

/** How to read a folder of images. */
export interface ImageFolderOptions {
  /** What reports call it. Default: the folder's path. */
  readonly name?: string;
  /** 1 turns colours into grey, 3 grey into colours. Default: 1 if every image is grey, else 3. */
  readonly channels?: 1 | 3;
  /** Most bytes of pixels in all. Default 2^30. */
  readonly limit?: number;
}

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
/** A PNG of n pixels, at worst 16 bits a channel and not compressed, and room for its texts. */
const storedLimitOf = (pixels: number): number => pixels * 8 * 1.01 + 2 ** 16;

interface Picture {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly grey: boolean;
}

/** Size and kind of a PNG, without unpacking it. */
function header(path: string, bytes: Uint8Array): Picture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const known = bytes.length >= 33 && SIGNATURE.every((byte, i) => bytes[i] === byte) &&
    view.getUint32(12) === 0x49484452;
  if (!known) throw new DataError(`Cannot read ${path}: it is no PNG image`);
  const colour = bytes[25]!;
  const size = { width: view.getUint32(16), height: view.getUint32(20) };
  return { path, bytes, ...size, grey: colour === 0 || colour === 4 };
}

function decode({ path, bytes }: Picture): Uint8Array {
  try {
    const { data } = PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    return data;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(`Cannot read ${path}: it is truncated or corrupt (${reason})`, { cause });
  }
}

/** Red, green, blue and opacity to the wanted channels. */
function place(picture: Picture, into: Uint8Array, channels: 1 | 3): void {
  const rgba = decode(picture);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += channels) {
    const [r, g, b] = [rgba[from]!, rgba[from + 1]!, rgba[from + 2]!];
    if (rgba[from + 3] !== 255) {
      throw new DataError(
        `Cannot read ${picture.path}: it has transparent pixels, put it on a background first`,
      );
    }
    if (channels === 3) into.set([r, g, b], to);
    // Luma of ITU-R BT.601, as in Pillow and OpenCV; grey stays as it is.
    else into[to] = r === g && g === b ? r : Math.round(0.299 * r + 0.587 * g + 0.114 * b);
  }
}

async function list(path: string): Promise<{ classes: string[]; files: [string, number][] }> {
  const read = async (folder: string) => {
    return await readdir(folder, { withFileTypes: true }).catch((cause: Error) => {
      throw new DataError(`Cannot read the images in ${folder}: ${cause.message}`, { cause });
    });
  };
  const classes = (await read(path))
    .filter((entry) => !entry.isFile() && !entry.name.startsWith("."))
    .map(({ name }) => name).sort();
  const files: [string, number][] = [];
  for (const [label, name] of classes.entries()) {
    const images = (await read(join(path, name))).map((entry) => entry.name)
      .filter((file) => /\.png$/i.test(file) && !file.startsWith(".")).sort();
    if (images.length === 0) {
      throw new DataError(`Cannot read the images in ${join(path, name)}: it holds no PNG image`);
    }
    for (const file of images) files.push([join(path, name, file), label]);
  }
  if (classes.length >= 1 && classes.length <= 256) return { classes, files };
  throw new DataError(
    `Cannot read the images in ${path}: it has ${classes.length} subfolders, there must be one per ` +
      "class and 1 to 256 classes",
  );
}

/**
 * The PNG images in a folder with one subfolder per class. Classes are the names of the subfolders,
 * sorted; images are sorted by name within their class, and all must have the same size.
 *
 * @throws DataError when there is none, or one is truncated, corrupt, transparent or too large.
 */
export async function imageFolder(
  path: string,
  options: ImageFolderOptions = {},
): Promise<Dataset> {
  const { limit = 2 ** 30 } = options;
  const { classes, files } = await list(path);
  const pictures: Picture[] = [];
  for (const [file] of files) {
    const first = pictures[0];
    const most = first === undefined ? limit : storedLimitOf(first.width * first.height);
    const bytes = await readLimited(file, most);
    if (bytes === undefined) throw new DataError(`Cannot read ${file}: it is gone`);
    const picture = header(file, bytes);
    const { width, height } = first ?? picture;
    if (picture.width !== width || picture.height !== height) {
      throw new DataError(
        `Cannot read ${file}: it has ${picture.width}x${picture.height} pixels, and ` +
          `${pictures[0]!.path} has ${width}x${height}; all must have the same size`,
      );
    }
    // Before anything is unpacked: a header may promise any number of pixels.
    if (files.length * width * height * 3 > limit) {
      throw new DataError(
        `Cannot read the images in ${path}: ${files.length} of ${width}x${height} pixels need ` +
          `more than ${bytesText(limit)}; make them smaller, or raise the limit`,
      );
    }
    pictures.push(picture);
  }
  const { width, height } = pictures[0]!;
  const channels = options.channels ?? (pictures.every(({ grey }) => grey) ? 1 : 3);
  const size = width * height * channels;
  const pixels = new Uint8Array(pictures.length * size);
  pictures.forEach((it, i) => place(it, pixels.subarray(i * size, (i + 1) * size), channels));
  return dataset({
    name: options.name ?? path,
    imageShape: [height, width, channels],
    classes,
    pixels,
    labels: Uint8Array.from(files, ([, label]) => label),
  });
}
