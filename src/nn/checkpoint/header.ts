/**
 * The header of a safetensors file, checked: eight bytes with its length, then JSON with the type,
 * shape and byte range of each tensor by name. Format: https://huggingface.co/docs/safetensors
 *
 * @module
 */
import { CheckpointError } from "../../errors.ts";

/** Element types that are read. */
export type StoredType = "F64" | "F32" | "F16" | "BF16" | "I64" | "I32" | "U8";

/** Bytes of an element. */
export const BYTES_OF: Readonly<Record<StoredType, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  U8: 1,
};

/** The most bytes that a header may have, as in the format's own reader. */
export const MOST_HEADER_BYTES = 100_000_000;

/** Where a tensor lies in the file. */
export interface HeaderEntry {
  /** Element type. */
  readonly dtype: StoredType;
  /** Sizes of the axes. */
  readonly shape: readonly number[];
  /** First byte, counted from the end of the header. */
  readonly begin: number;
  /** The byte after the last. */
  readonly end: number;
}

/** What the header says. */
export interface Header {
  /** Strings by name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Tensors by name, in the order of the file's header. */
  readonly entries: ReadonlyMap<string, HeaderEntry>;
  /** Where the data begins. */
  readonly dataStart: number;
}

/** Throws: the file cannot be read. */
export function refuse(what: string): never {
  throw new CheckpointError(`Cannot read the safetensors file: ${what}`);
}

/** Reads and checks the header of a whole file. */
export function readHeader(bytes: Uint8Array): Header {
  const text = headerText(bytes);
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return refuse("its header is not JSON, it must be one object");
  }
  checkNames(text);
  const dataStart = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const dataBytes = bytes.length - dataStart;
  const entries = new Map<string, HeaderEntry>();
  let metadata: Readonly<Record<string, string>> = {};
  for (const [name, value] of Object.entries(recordOf(root, "its header"))) {
    if (name === "__metadata__") metadata = metadataOf(value);
    else entries.set(name, entryOf(name, value, dataBytes));
  }
  checkRanges(entries, dataBytes);
  return { metadata, entries, dataStart };
}

function headerText(bytes: Uint8Array): string {
  if (bytes.length < 8) refuse(`it has ${bytes.length} bytes, there must be at least 8`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(MOST_HEADER_BYTES)) {
    refuse(`its header has ${length} bytes, at most ${MOST_HEADER_BYTES} are allowed`);
  }
  const end = 8 + Number(length);
  if (end > bytes.length) {
    refuse(`its header ends at byte ${end}, but the file has ${bytes.length} bytes`);
  }
  if (length === 0n || bytes[8] !== 0x7b) refuse("its header must begin with {");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      bytes.subarray(8, end),
    );
  } catch {
    return refuse("its header is not UTF-8");
  }
}

/** JSON.parse keeps the last of equal names; a file with two is hiding one. `text` is valid JSON. */
function checkNames(text: string): void {
  const open: Set<string>[] = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(?:[ \t\r\n]*:)?|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (token.endsWith(":")) {
      const name: string = JSON.parse(token.slice(0, token.lastIndexOf('"') + 1));
      const names = open.at(-1)!;
      if (names.has(name)) refuse(`the name ${JSON.stringify(name)} occurs twice in its header`);
      names.add(name);
    }
  }
}

function recordOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse(`${what} must be an object`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function metadataOf(value: unknown): Readonly<Record<string, string>> {
  const metadata = recordOf(value, "__metadata__");
  for (const [name, item] of Object.entries(metadata)) {
    if (typeof item !== "string") refuse(`__metadata__ ${JSON.stringify(name)} must be a string`);
  }
  return metadata as Readonly<Record<string, string>>;
}

/** Whole numbers from 0 that arithmetic is exact with. */
function wholeNumbers(value: unknown, what: string): readonly number[] {
  const isFine = Array.isArray(value) &&
    value.every((one) => Number.isSafeInteger(one) && one >= 0);
  return isFine ? value : refuse(`${what} must be a list of whole numbers from 0`);
}

function entryOf(name: string, value: unknown, dataBytes: number): HeaderEntry {
  const shown = `tensor ${JSON.stringify(name)}`;
  const record = recordOf(value, shown);
  const { dtype } = record;
  if (typeof dtype !== "string" || !Object.hasOwn(BYTES_OF, dtype)) {
    return refuse(
      `${shown} has type ${JSON.stringify(dtype)}, it must be ${Object.keys(BYTES_OF).join(", ")}`,
    );
  }
  const type = dtype as StoredType;
  const shape = wholeNumbers(record["shape"], `the shape of ${shown}`);
  const offsets = wholeNumbers(record["data_offsets"], `data_offsets of ${shown}`);
  if (offsets.length !== 2) refuse(`data_offsets of ${shown} must be two numbers`);
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > dataBytes) {
    refuse(`${shown} lies at bytes ${begin} to ${end}, but there are ${dataBytes} bytes of data`);
  }
  const needed = shape.reduce((product, size) => product * size, BYTES_OF[type]);
  // A product beyond the exact integers cannot equal the length of a range within the file.
  if (needed !== end - begin) {
    refuse(
      `${shown} of type ${type} and shape [${shape.join(", ")}] needs ${needed} bytes, ` +
        `but has ${end - begin}`,
    );
  }
  return { dtype: type, shape, begin, end };
}

/** Every byte of the data belongs to one tensor. */
function checkRanges(entries: ReadonlyMap<string, HeaderEntry>, dataBytes: number): void {
  let last = 0;
  const ordered = [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  for (const [name, { begin, end }] of ordered) {
    if (begin !== last) {
      const what = begin < last ? "overlaps the tensor before it" : "leaves bytes unused before it";
      refuse(`tensor ${JSON.stringify(name)} ${what}: it begins at ${begin}, it must at ${last}`);
    }
    last = end;
  }
  if (last !== dataBytes) {
    refuse(`its tensors end at ${last}, but it has ${dataBytes} bytes of data`);
  }
}
