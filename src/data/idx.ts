/**
 * IDX, the format of MNIST and its relatives: two zero bytes, the type of the elements (8 is
 * uint8), the number of axes, each axis as a big-endian u32, and the elements in row-major order.
 *
 * @module
 */
import { sizeOf } from "../shape.ts";
import { bytesText, DataError } from "./data_error.ts";

const UINT8 = 8;

/** An array of bytes of any number of axes. */
export interface IdxArray {
  /** Length of every axis. */
  readonly shape: readonly number[];
  /** All elements, a view of the file's bytes. */
  readonly data: Uint8Array;
}

/**
 * Reads an uncompressed IDX file of bytes.
 *
 * @throws DataError when it is another format, another type or shape, or not as long as it says.
 */
export function parseIdx(name: string, bytes: Uint8Array, axes: number): IdxArray {
  const head = 4 + 4 * axes;
  const seen = [...bytes.subarray(0, 4)];
  if (bytes.length < head || seen[0] !== 0 || seen[1] !== 0) {
    throw new DataError(
      `Cannot read ${name}: it starts with the bytes ${seen.join(" ")} and has ` +
        `${bytesText(bytes.length)}, which is no IDX file`,
    );
  }
  if (seen[2] !== UINT8 || seen[3] !== axes) {
    throw new DataError(
      `Cannot read ${name}: it holds elements of type ${seen[2]} with ${seen[3]} axes, ` +
        `it must hold bytes (type ${UINT8}) with ${axes}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = sizeOf(shape);
  if (size !== bytes.length - head) {
    throw new DataError(
      `Cannot read ${name}: shape [${shape.join(", ")}] needs ${
        bytesText(size)
      } after the header, ` +
        `there are ${bytesText(bytes.length - head)}`,
    );
  }
  return { shape, data: bytes.subarray(head) };
}
