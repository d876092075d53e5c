/**
 * Measured choices in a file, for Node and Deno.
 *
 * @module
 */
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { platformCache, type Surroundings } from "./cache_folder.ts";
import type { TuningStore } from "./tuning.ts";

/** More bytes than choices ever take: such a file is something else. */
const MOST_BYTES = 16 * 2 ** 20;

/** The path that `TAPEGRAD_TUNING` says, else tuning.json in the cache folder; none for "off". */
export function tuningPath(around: Surroundings): string | undefined {
  const own = around.env["TAPEGRAD_TUNING"];
  if (own === "off") return undefined;
  return own ? resolve(own) : join(platformCache(around), "tuning.json");
}

/** The file at a path. */
export function tuningFile(path: string): TuningStore {
  return {
    place: path,
    async read() {
      try {
        if ((await stat(path)).size > MOST_BYTES) return undefined;
        return await readFile(path, "utf8");
      } catch {
        return undefined;
      }
    },
    async write(text) {
      await mkdir(dirname(path), { recursive: true });
      const fresh = `${path}.${crypto.randomUUID()}.part`;
      try {
        const file = await open(fresh, "wx");
        try {
          await file.writeFile(text);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(fresh, path);
      } catch (error) {
        await rm(fresh, { force: true });
        throw error;
      }
    },
  };
}
