/**
 * The folder in which downloaded data is kept.
 *
 * @module
 */
import { platformCache, type Surroundings, surroundings } from "../../backend/node.ts";

export type { Surroundings };

/**
 * `TAPEGRAD_DATA` if it is set, else `tapegrad` in `XDG_CACHE_HOME`, else the platform's folder for
 * caches: `~/Library/Caches/tapegrad`, `%LOCALAPPDATA%\tapegrad\Cache` or `~/.cache/tapegrad`.
 */
export function cacheFolder(around: Surroundings = surroundings()): string {
  return around.env["TAPEGRAD_DATA"] || platformCache(around);
}
