/**
 * Files of datasets on disk: found where they may lie, or downloaded to the cache folder.
 *
 * @module
 */
import { open, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Bytes } from "../bytes.ts";
import { bytesText, DataError } from "../data_error.ts";
import {
  checked,
  type DataFile,
  type DataProgress,
  type FileStore,
  storedLimit,
} from "../data_file.ts";
import type { Source } from "../sources.ts";
import { cacheFolder } from "./cache_folder.ts";
import { download } from "./download.ts";

/** Where data lies and how to get it. */
export interface LoadOptions {
  /**
   * Folder of files that are already there, plain or gzip, also in torchvision's folders below it;
   * or an archive. Nothing is downloaded then. Default: the cache folder, the system's folders, and
   * then a download.
   */
  readonly path?: string;
  /** Folder for downloads. Default `cacheFolder()`. */
  readonly cache?: string;
  /** Download what is not there. Default true. */
  readonly download?: boolean;
  /** Compare checksums and numbers of images. Default true; false for data of your own. */
  readonly verify?: boolean;
  /** Gives the address to ask instead, for mirrors. Default: the official one. */
  readonly mirror?: (url: string) => string;
  /** Receives progress of downloads. */
  readonly onProgress?: (progress: DataProgress) => void;
  /** Stops a download; what has come stays for the next time. */
  readonly signal?: AbortSignal;
}

/**
 * The bytes of a file; undefined where there is none.
 *
 * @throws DataError when it is no regular file, or above the limit.
 */
export async function readLimited(path: string, limit: number): Promise<Bytes | undefined> {
  const seen = await stat(path).catch((error: Error & { code?: string }) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw new DataError(`Cannot read ${path}: ${error.message}`, { cause: error });
  });
  if (seen === undefined) return undefined;
  if (!seen.isFile() || seen.size > limit) {
    throw new DataError(
      `Cannot read ${path}: ` +
        (seen.isFile()
          ? `it has ${bytesText(seen.size)}, at most ${bytesText(limit)} belong there`
          : "it is no file"),
    );
  }
  const bytes = new Uint8Array(seen.size);
  const file = await open(path);
  try {
    let at = 0;
    for (let read = 1; read > 0 && at < bytes.length; at += read) {
      read = (await file.read(bytes, at, bytes.length - at, at)).bytesRead;
    }
    if (at === bytes.length) return bytes;
  } finally {
    await file.close();
  }
  throw new DataError(`Cannot read ${path}: it became shorter while it was read, try again`);
}

/** All paths at which a file may lie, best first. */
async function candidates(source: Source, file: DataFile, options: LoadOptions): Promise<string[]> {
  const names = [file.name, ...file.aliases ?? []].flatMap((name) => [name, `${name}.gz`]);
  const { path, cache = cacheFolder() } = options;
  if (path !== undefined && await stat(path).then((it) => it.isFile(), () => false)) {
    return names.includes(basename(path)) ? [path] : [];
  }
  const folders = path === undefined
    ? [...source.folders.map((folder) => join(cache, folder)), ...source.system]
    : [path, ...source.folders.map((folder) => join(path, folder))];
  return [...new Set(folders.flatMap((folder) => names.map((name) => join(folder, name))))];
}

/** The store of a dataset's files on this machine. */
export function fileStore(source: Source, options: LoadOptions = {}): FileStore {
  const { path, cache = cacheFolder(), verify = true, signal, onProgress } = options;
  const { mirror = (url: string) => url } = options;
  return {
    find: async (file) => {
      for (const where of await candidates(source, file, options)) {
        const stored = await readLimited(where, storedLimit(file));
        if (stored !== undefined) return await checked(file, stored, { where, verify });
      }
      return undefined;
    },
    download: async (file) => {
      const { url } = file;
      if (path !== undefined || options.download === false || url === undefined) {
        const looked = (await candidates(source, file, options)).map((it) => dirname(it));
        throw new DataError(
          `Cannot find ${file.name} of ${source.name}: it must lie in ` +
            `${[...new Set(looked)].join(" or ") || path}, plain or as .gz` +
            (url === undefined ? "" : `; get it from ${url}`) + `; ${source.hint}`,
        );
      }
      const target = join(cache, source.folders[0]!, basename(new URL(url).pathname));
      const job = { url: mirror(url), path: target, limit: storedLimit(file), hint: source.hint };
      return await download(
        { ...job, signal, onProgress },
        (stored) => checked(file, stored, { where: job.url, verify }),
      );
    },
  };
}
