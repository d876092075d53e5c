/**
 * Files of known datasets, and the door through which they come: from disk, from a browser's
 * cache, or from the net.
 *
 * @module
 */
import { type Bytes, sha256, unpack } from "./bytes.ts";
import { DataError } from "./data_error.ts";

/** A file that a dataset is made of. */
export interface DataFile {
  /** Its name when it is unpacked; with ".gz" behind it when it is not. */
  readonly name: string;
  /** Other names under which it is around. */
  readonly aliases?: readonly string[];
  /** Most bytes that it may have unpacked. */
  readonly limit: number;
  /** Where it can be downloaded, packed. Default: nowhere. */
  readonly url?: string;
  /** Its checksum, of the bytes as they are stored or after unpacking. Default: not known. */
  readonly sha256?: { readonly of: "stored" | "unpacked"; readonly digest: string };
}

/** How far a download is. */
export interface DataProgress {
  /** What is coming. */
  readonly label: string;
  /** Bytes so far, with those of an earlier attempt. */
  readonly done: number;
  /** Bytes in all; undefined where the server does not say. */
  readonly total: number | undefined;
}

/** Gives files, unpacked and checked. */
export interface FileStore {
  /** A file that is already there; undefined where it is not. */
  find(file: DataFile): Promise<Bytes | undefined>;
  /** Downloads a file and keeps it for the next time. */
  download(file: DataFile): Promise<Bytes>;
}

/** Most bytes that a file may have as it is stored: gzip makes nothing much longer. */
export function storedLimit(file: DataFile): number {
  return Math.ceil(file.limit * 1.01) + 4096;
}

async function checkDigest(file: DataFile, where: string, bytes: Bytes): Promise<void> {
  const digest = await sha256(bytes);
  if (digest === file.sha256?.digest) return;
  throw new DataError(
    `Cannot use ${where} as ${file.name}: its SHA-256 is ${digest}, it must be ` +
      `${file.sha256?.digest}; get it again, or load it with verify: false if it is data of your own`,
  );
}

/**
 * Unpacks the bytes of a file and compares its checksum.
 *
 * @throws DataError when it is truncated, corrupt, too large or another file.
 */
export async function checked(
  file: DataFile,
  stored: Bytes,
  how: { readonly where: string; readonly verify?: boolean },
): Promise<Bytes> {
  const { where, verify = true } = how;
  const of = verify ? file.sha256?.of : undefined;
  if (of === "stored") await checkDigest(file, where, stored);
  const bytes = await unpack(where, stored, file.limit);
  if (of === "unpacked") await checkDigest(file, where, bytes);
  return bytes;
}
