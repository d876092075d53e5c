/**
 * Files of the command line: written whole or not at all, read up to a limit.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { pretrainedFile, pretrainedNames } from "../nn/node.ts";

/** Writes a file under a temporary name beside it and renames it; makes its folder. */
export async function writeWhole(path: string, data: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.part`;
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(data);
      // The new name must not reach the disk before the bytes.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** What a file holds; undefined where there is none. */
export async function bytesAt(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as { readonly code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
}

/** What a text file holds; undefined where there is none. */
export async function textAt(path: string): Promise<string | undefined> {
  const bytes = await bytesAt(path);
  return bytes && new TextDecoder().decode(bytes);
}

/** More than any model of the library takes. */
const MOST_BYTES = 2 ** 30;

/**
 * The bytes of a checkpoint: a file, or a trained network that comes with the package, by its name.
 * Throws where there is none, or where it is larger than 1 GiB.
 */
export async function readCheckpoint(given: string): Promise<Uint8Array> {
  const isName = !existsSync(given) && (await pretrainedNames()).includes(given);
  const path = isName ? await pretrainedFile(given) : given;
  const known = await stat(path).catch(() => undefined);
  if (known === undefined || !known.isFile()) {
    throw new Error(`Cannot read the checkpoint ${path}: there is no such file`);
  }
  if (known.size > MOST_BYTES) {
    throw new Error(
      `Cannot read the checkpoint ${path}: it has ${known.size} bytes, at most ${MOST_BYTES} are read`,
    );
  }
  return await readFile(path);
}
