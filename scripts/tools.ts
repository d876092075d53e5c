// Tools that cannot be in package.json, since their lock file entries differ between registries, are installed here on
// first use: each into its own folder under .tools/, named by version, so that a new version installs itself.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The folder of the project. */
export const root: string = join(dirname(fileURLToPath(import.meta.url)), "..");

const tools = join(root, ".tools");
const denoVersion = "2.9.6";
const oxlintVersion = "1.94.0";
const tsgolintVersion = "7.0.2007";

/** A Deno that can run the tests: the one on the PATH when it is 2.6 or newer, otherwise the pinned one. */
export function findDeno(): Promise<string> {
  const { stdout } = spawnSync("deno", ["--version"], { encoding: "utf8" });
  const [, major = 0, minor = 0] = /^deno (\d+)\.(\d+)/.exec(stdout ?? "")?.map(Number) ?? [];
  const recent = major > 2 || (major === 2 && minor >= 6);
  return recent ? Promise.resolve("deno") : pinnedDeno();
}

/** The Deno whose formatter and linter the project agrees on. */
export function pinnedDeno(): Promise<string> {
  return install("deno", denoVersion, []);
}

/** The linter that knows types: it finds promises nobody waits for. */
export function findOxlint(): Promise<string> {
  return install("oxlint", oxlintVersion, [`oxlint-tsgolint@${tsgolintVersion}`]);
}

/** Installs beside the target and renames, so that an interrupted install leaves nothing that looks whole. */
async function install(name: string, version: string, also: readonly string[]): Promise<string> {
  const folder = join(tools, `${name}-${version}`);
  if (!existsSync(folder)) {
    await mkdir(tools, { recursive: true });
    const partial = await mkdtemp(join(tools, "partial-"));
    try {
      npmInstall(partial, [`${name}@${version}`, ...also]);
      await rename(partial, folder);
    } catch (error) {
      // Another process may have been first: its copy is as good as ours.
      if (!existsSync(folder)) throw error;
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }
  return join(folder, "node_modules/.bin", name);
}

function npmInstall(folder: string, packages: readonly string[]): void {
  const options = ["--no-save", "--no-audit", "--no-fund", "--prefix", folder];
  const { status, stderr, error } = spawnSync("npm", ["install", ...options, ...packages], {
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status === 0) return;
  const reason = error?.message ?? stderr.split("\n").find((line) => line.startsWith("npm error"));
  throw new Error(`Cannot install ${packages.join(" and ")} into .tools: ${reason}`);
}
