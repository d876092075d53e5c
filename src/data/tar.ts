/**
 * Files inside a tar archive (ustar and its GNU and pax relatives): blocks of 512 bytes, one with
 * name, size and checksum before every file. Nothing is written to disk, so names are only names.
 *
 * @module
 */
import { DataError } from "./data_error.ts";

const BLOCK = 512;
const decoder = new TextDecoder();

function text(header: Uint8Array, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return decoder.decode(end < 0 ? field : field.subarray(0, end));
}

function octal(header: Uint8Array, start: number, length: number): number {
  const digits = text(header, start, length).trim();
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : NaN;
}

/** Sum of the header's bytes, with its own checksum read as spaces. */
function checksum(header: Uint8Array): number {
  return header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 32 : byte), 0);
}

/**
 * The regular files of an uncompressed archive by their last name, as views of its bytes.
 *
 * @throws DataError when a header is corrupt, the archive ends early, or two files share a name.
 */
export function parseTar(name: string, archive: Uint8Array): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at < archive.length;) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.length === BLOCK && header.every((byte) => byte === 0)) return files;
    const size = octal(header, 124, 12);
    if (header.length < BLOCK || checksum(header) !== octal(header, 148, 8) || Number.isNaN(size)) {
      throw new DataError(
        `Cannot read ${name}: the block at byte ${at} is no header of a tar archive, ` +
          "the archive is truncated or corrupt",
      );
    }
    const path = text(header, 0, 100);
    const start = at + BLOCK;
    if (start + size > archive.length) {
      throw new DataError(
        `Cannot read ${name}: ${path} needs ${size} bytes, ${archive.length - start} are left`,
      );
    }
    const kind = text(header, 156, 1);
    if (kind === "" || kind === "0") {
      const base = path.slice(path.lastIndexOf("/") + 1);
      if (files.has(base)) throw new DataError(`Cannot read ${name}: it holds ${base} twice`);
      files.set(base, archive.subarray(start, start + size));
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new DataError(`Cannot read ${name}: it ends without the empty block that ends an archive`);
}
