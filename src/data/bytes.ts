/**
 * What every file passes through before it is read: unpacking up to a limit, and its checksum.
 *
 * @module
 */
import { bytesText, DataError } from "./data_error.ts";

/** Bytes as web APIs want them: never in memory shared between threads. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** SHA-256 as 64 hexadecimal digits. */
export async function sha256(bytes: Bytes): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Whether the bytes start like a gzip file. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Room for the result: the gzip trailer tells the size of honest files, and the limit caps it. */
function room(bytes: Uint8Array, limit: number): Bytes {
  if (bytes.length < 18) return new Uint8Array(0);
  const told = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true);
  // Deflate shrinks by at most 1032, so that a small file with a false trailer takes little memory.
  return new Uint8Array(Math.min(told, limit, bytes.length * 1032));
}

/**
 * Unpacks a gzip file; other bytes are given back as they are. Stops as soon as more than `limit`
 * bytes come out, so that a small file cannot fill the memory.
 *
 * @throws DataError when the result is above the limit, or the file is truncated or corrupt.
 */
export async function unpack(name: string, bytes: Bytes, limit: number): Promise<Bytes> {
  if (!isGzip(bytes)) {
    if (bytes.length <= limit) return bytes;
    throw new DataError(
      `Cannot read ${name}: it has ${bytesText(bytes.length)}, and at most ${bytesText(limit)} ` +
        "belong there",
    );
  }
  let result = room(bytes, limit);
  let size = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))
    .getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return size === result.length ? result : result.slice(0, size);
      if (size + value.length > limit) break;
      if (size + value.length > result.length) {
        const grown = new Uint8Array(Math.min(limit, 2 * (size + value.length)));
        grown.set(result.subarray(0, size));
        result = grown;
      }
      result.set(value, size);
      size += value.length;
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(
      `Cannot unpack ${name}: the gzip file is truncated or corrupt (${reason}), get it again`,
      { cause },
    );
  }
  await reader.cancel().catch(() => {});
  throw new DataError(
    `Cannot unpack ${name}: it inflates to more than ${bytesText(limit)}, all that belongs there`,
  );
}
