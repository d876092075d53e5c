/**
 * Files of datasets in a browser: the Cache API keeps what was downloaded.
 *
 * @module
 */
import type { Bytes } from "./bytes.ts";
import { bytesText, DataError } from "./data_error.ts";
import {
  checked,
  type DataFile,
  type DataProgress,
  type FileStore,
  storedLimit,
} from "./data_file.ts";

/** Where and how to keep files. */
export interface CacheStoreOptions {
  /** Name of the cache. Default "tapegrad". */
  readonly cache?: string;
  /** Compare checksums. Default true. */
  readonly verify?: boolean;
  /** Gives the address to ask instead, for mirrors. Default: the official one. */
  readonly mirror?: (url: string) => string;
  /** Receives progress of downloads. */
  readonly onProgress?: (progress: DataProgress) => void;
  /** Stops a download. */
  readonly signal?: AbortSignal;
}

async function body(
  response: Response,
  file: DataFile,
  options: CacheStoreOptions,
): Promise<Bytes> {
  const told = response.headers.has("content-encoding")
    ? undefined
    : Number(response.headers.get("content-length") ?? NaN);
  const total = Number.isFinite(told) ? told : undefined;
  const limit = storedLimit(file);
  const chunks: Uint8Array[] = [];
  let done = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    done += part.value.length;
    if (done > limit) {
      await reader?.cancel();
      throw new DataError(`Cannot download ${file.name}: it is above ${bytesText(limit)}`);
    }
    chunks.push(part.value);
    options.onProgress?.({ label: file.name, done, total });
  }
  const bytes = new Uint8Array(done);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * A store in the browser's Cache API, for `Source.read`. A file is checked before it is kept, so
 * that it is there whole or not at all; without a cache, as on insecure pages, nothing is kept.
 */
export function cacheStore(options: CacheStoreOptions = {}): FileStore {
  const { cache = "tapegrad", verify = true, mirror = (url: string) => url, signal } = options;
  const open = async () => typeof caches === "undefined" ? undefined : await caches.open(cache);
  return {
    find: async (file) => {
      if (file.url === undefined) return undefined;
      const kept = await open();
      const response = await kept?.match(file.url);
      if (response === undefined) return undefined;
      try {
        const bytes = new Uint8Array(await response.arrayBuffer());
        return await checked(file, bytes, { where: `the cached ${file.name}`, verify });
      } catch {
        // Nobody can mend a browser's cache by hand: what is broken in it is downloaded again.
        await kept?.delete(file.url);
        return undefined;
      }
    },
    download: async (file) => {
      if (file.url === undefined) {
        throw new DataError(`Cannot download ${file.name}: it has no URL`);
      }
      const url = mirror(file.url);
      const response = await fetch(url, signal ? { signal } : {}).catch((cause: unknown) => {
        signal?.throwIfAborted();
        throw new DataError(`Cannot download ${url}: ${String(cause)}`, { cause });
      });
      if (!response.ok) {
        throw new DataError(`Cannot download ${url}: the server answers ${response.status}`);
      }
      const stored = await body(response, file, options);
      const bytes = await checked(file, stored, { where: url, verify });
      // A full disk keeps nothing; the data at hand is good all the same.
      await (await open())?.put(file.url, new Response(stored)).catch(() => {});
      return bytes;
    },
  };
}
