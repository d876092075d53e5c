/**
 * The folder for what can be made again, by the convention of the platform.
 *
 * @module
 */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import process from "node:process";

/** What decides where the folder is. */
export interface Surroundings {
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** As in `process.platform`. */
  readonly platform: string;
  /** The user's own folder. */
  readonly home: string;
}

/** The surroundings of this process. */
export function surroundings(): Surroundings {
  return { env: process.env, platform: process.platform, home: homedir() };
}

/**
 * `tapegrad` in `XDG_CACHE_HOME`, else the platform's folder for caches:
 * `~/Library/Caches/tapegrad`, `%LOCALAPPDATA%\tapegrad\Cache` or `~/.cache/tapegrad`.
 */
export function platformCache({ env, platform, home }: Surroundings): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = env;
  // The XDG specification has relative paths ignored.
  if (xdg && isAbsolute(xdg)) return join(xdg, "tapegrad");
  if (platform === "darwin") return join(home, "Library", "Caches", "tapegrad");
  if (platform === "win32") {
    return join(local || join(home, "AppData", "Local"), "tapegrad", "Cache");
  }
  return join(home, ".cache", "tapegrad");
}
