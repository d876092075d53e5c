/**
 * Named tensors from the bytes of a safetensors file, and back. Knows nothing of models.
 *
 * @module
 */
import { CheckpointError } from "../../errors.ts";
import { type HeaderEntry, MOST_HEADER_BYTES, readHeader, type StoredType } from "./header.ts";

/** Elements in the type that holds those of the file: F16 and BF16 become 32-bit floats. */
export type StoredData = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array;

/** A tensor of a file. */
export interface StoredTensor {
  /** Element type in the file. */
  readonly dtype: StoredType;
  /** Sizes of the axes. */
  readonly shape: readonly number[];
  /** The elements, row-major. */
  readonly data: StoredData;
}

/** A tensor to write: 32-bit floats as F32, 64-bit integers as I64. */
export interface WritableTensor {
  /** Sizes of the axes. */
  readonly shape: readonly number[];
  /** The elements, row-major. */
  readonly data: Float32Array | BigInt64Array;
}

/** What a safetensors file holds. */
export interface SafetensorsFile {
  /** Strings by name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Tensors by name. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/**
 * The tensors of a safetensors file, as copies.
 *
 * @throws CheckpointError for anything but a well-formed file: a header that is too long, not UTF-8
 * or not JSON, names that occur twice, types that are not read (all but F64, F32, F16, BF16, I64,
 * I32, U8), ranges that do not fit their shape, overlap, leave holes or lie outside of the file.
 */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { metadata, entries, dataStart } = readHeader(bytes);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of entries) {
    const { dtype, shape } = entry;
    tensors.set(name, { dtype, shape, data: elements(bytes, dataStart, entry) });
  }
  return { metadata, tensors };
}

function elements(
  bytes: Uint8Array,
  start: number,
  { dtype, begin, end }: HeaderEntry,
): StoredData {
  // A copy, because a range may begin anywhere and typed arrays want whole elements.
  const { buffer } = Uint8Array.from(bytes.subarray(start + begin, start + end));
  switch (dtype) {
    case "F64":
      return new Float64Array(buffer);
    case "F32":
      return new Float32Array(buffer);
    case "F16":
      return Float32Array.from(new Uint16Array(buffer), halfToFloat);
    case "BF16":
      // The upper half of a 32-bit float.
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (it) => it << 16).buffer);
    case "I64":
      return new BigInt64Array(buffer);
    case "I32":
      return new Int32Array(buffer);
    case "U8":
      return new Uint8Array(buffer);
  }
}

/** IEEE 754 binary16: 1 bit sign, 5 bits exponent, 10 bits fraction. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1, exponent = bits >> 10 & 31, fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/**
 * The bytes of a safetensors file. 64-bit integers come first, so that all tensors are aligned.
 *
 * @throws CheckpointError for a name that the format keeps for itself, a shape that does not fit its
 * elements, and a header of more than 100 MB.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, WritableTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const ordered = [...tensors].sort(([, a], [, b]) => {
    return b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT;
  });
  const entries: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) entries.push(["__metadata__", metadata]);
  let end = 0;
  for (const [name, { shape, data }] of ordered) {
    const begin = end;
    end += data.byteLength;
    const size = shape.reduce((product, one) => product * one, 1);
    if (name === "__metadata__" || size !== data.length) {
      throw new CheckpointError(
        `Cannot write tensor ${JSON.stringify(name)} of shape [${shape.join(", ")}] and ` +
          `${data.length} elements: shape and elements must agree, the name must not be __metadata__`,
      );
    }
    const dtype = data instanceof Float32Array ? "F32" : "I64";
    entries.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  // Padded by spaces, so that the data begins at a multiple of eight.
  const length = Math.ceil(text.length / 8) * 8;
  if (length > MOST_HEADER_BYTES) {
    throw new CheckpointError(
      `Cannot write a header of ${length} bytes: at most ${MOST_HEADER_BYTES} are allowed`,
    );
  }
  const bytes = new Uint8Array(8 + length + end).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  let at = 8 + length;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}
