/**
 * Downloads that can be resumed and leave a file whole or not at all: bytes go to `PATH.part`,
 * which is checked and then renamed. Two processes may download the same file: they write the same
 * bytes to the same places, and what is checked is what lies on disk.
 *
 * @module
 */
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Bytes } from "../bytes.ts";
import { bytesText, DataError } from "../data_error.ts";
import type { DataProgress } from "../data_file.ts";
import { request } from "./request.ts";

/** What to download, and how. */
export interface DownloadOptions {
  /** http or https. */
  readonly url: string;
  /** The file to make. */
  readonly path: string;
  /** Most bytes to take. */
  readonly limit: number;
  /** What to do without a network, for errors. */
  readonly hint?: string;
  /** Requests before giving up. Default 4. */
  readonly attempts?: number;
  /** Milliseconds before the second request, doubled each time. Default 500. */
  readonly patience?: number;
  /** Milliseconds without a byte until a connection counts as lost. Default 30,000. */
  readonly idle?: number;
  /** Receives progress after every piece. */
  readonly onProgress?: ((progress: DataProgress) => void) | undefined;
  /** Stops the download; what has come stays for the next attempt. */
  readonly signal?: AbortSignal | undefined;
}

async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(({ size }) => size, () => 0);
}

/** Where the answer's body starts in the file, and how long the file is. */
function extent(response: Response, wanted: number): { start: number; total: number | undefined } {
  const length = response.headers.get("content-length");
  // With a content encoding, the length is that of other bytes than those that arrive here.
  const known = length !== null && !response.headers.has("content-encoding");
  if (response.status !== 206) return { start: 0, total: known ? Number(length) : undefined };
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
  if (range === null || Number(range[1]) !== wanted) {
    throw new Error(`asked for bytes from ${wanted}, got ${response.headers.get("content-range")}`);
  }
  return { start: wanted, total: range[2] === "*" ? undefined : Number(range[2]) };
}

/** Gets the bytes that are missing; true if it went on from an earlier part. */
async function transfer(part: string, options: DownloadOptions): Promise<boolean> {
  const { url, limit, idle = 30_000, signal, onProgress } = options;
  const lost = new AbortController();
  const lose = () => lost.abort(new Error(`no byte came for ${idle / 1000} s`));
  let timer = setTimeout(lose, idle);
  try {
    const wanted = await sizeOf(part);
    const either = signal === undefined ? lost.signal : AbortSignal.any([signal, lost.signal]);
    const response = await request(url, { from: wanted, signal: either });
    if (response.status === 416) {
      await response.body?.cancel();
      // Nothing is left to send: stopped between the last byte and the renaming.
      if (response.headers.get("content-range") === `bytes */${wanted}`) return true;
      await rm(part, { force: true });
      throw new Error(`the server has no bytes from ${wanted}`);
    }
    const { start, total } = extent(response, wanted);
    const tooLong = (size: number) =>
      new DataError(
        `Cannot download ${url}: it has ${bytesText(size)} or more, at most ${bytesText(limit)} ` +
          "belong there",
      );
    if (total !== undefined && total > limit) {
      await response.body?.cancel();
      throw tooLong(total);
    }
    const file = await open(part, start > 0 ? "r+" : "w");
    let at = start;
    try {
      const reader = response.body?.getReader();
      for (let read = await reader?.read(); read?.value; read = await reader?.read()) {
        clearTimeout(timer);
        timer = setTimeout(lose, idle);
        if (at + read.value.length > limit) {
          await reader?.cancel();
          throw tooLong(at + read.value.length);
        }
        await file.write(read.value, 0, read.value.length, at);
        at += read.value.length;
        onProgress?.({ label: url.slice(url.lastIndexOf("/") + 1), done: at, total });
      }
    } finally {
      await file.close();
    }
    if (total !== undefined && at !== total) {
      throw new Error(`the connection ended after ${at} of ${bytesText(total)}`);
    }
    return start > 0;
  } finally {
    clearTimeout(timer);
  }
}

/** Transfers with patience: what an interrupted request brought is not asked for again. */
async function persist(part: string, options: DownloadOptions): Promise<boolean> {
  const { url, path, hint, attempts = 4, patience = 500, signal } = options;
  for (let attempt = 1;; attempt++) {
    try {
      return await transfer(part, options) || attempt > 1;
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof DataError) {
        await rm(part, { force: true });
        throw cause;
      }
      if (attempt < attempts) {
        await wait(patience * 2 ** (attempt - 1), undefined, signal ? { signal } : {});
        continue;
      }
      const { message, cause: below } = cause as Error;
      const reason = below instanceof Error && below.message
        ? `${message}, ${below.message}`
        : message;
      throw new DataError(
        `Cannot download ${url}: ${reason}. Try again to go on from where it stopped, or put the ` +
          `file at ${path}` + (hint === undefined ? "" : `; ${hint}`),
        { cause },
      );
    }
  }
}

/**
 * Downloads a file and gives what `accept` makes of its bytes; only if that throws nothing is the
 * file put in place.
 *
 * @throws DataError when it cannot be had, is too long or not accepted; the signal's reason.
 */
export async function download<T>(
  options: DownloadOptions,
  accept: (bytes: Bytes) => Promise<T>,
): Promise<T> {
  const { path } = options;
  // Two that write to one part would spoil it: the later one takes what the earlier one got.
  for (let earlier = running.get(path); earlier !== undefined; earlier = running.get(path)) {
    await earlier.catch(() => {});
    if (await sizeOf(path) > 0) return accept(new Uint8Array(await readFile(path)));
  }
  const own = fetchWhole(options, accept);
  running.set(path, own);
  try {
    return await own;
  } finally {
    running.delete(path);
  }
}

/** Downloads of this process that are under way, by path. */
const running: Map<string, Promise<unknown>> = new Map();

async function fetchWhole<T>(
  options: DownloadOptions,
  accept: (bytes: Bytes) => Promise<T>,
): Promise<T> {
  const { path, signal } = options;
  const part = `${path}.part`;
  await mkdir(dirname(path), { recursive: true });
  for (let fresh = false;; fresh = true) {
    signal?.throwIfAborted();
    const resumed = await persist(part, options);
    let result: T;
    try {
      result = await accept(new Uint8Array(await readFile(part)));
    } catch (error) {
      await rm(part, { force: true });
      // The earlier part may have been of another file: one attempt from the start.
      if (resumed && !fresh) continue;
      throw error;
    }
    await rename(part, path).catch(async (error: unknown) => {
      // Another process was faster with the same file.
      if (await sizeOf(path) === 0) throw error;
    });
    return result;
  }
}
