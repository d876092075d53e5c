// Builds the page of the benchmarks: bench/page/ with all that it uses, as a few static files.

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { DARK, LIGHT, type Theme } from "../../src/report/mod.ts";
import { root } from "../tools.ts";

/** Contents by name: index.html, page.css, page.js, worker.js. */
export type PageFiles = ReadonlyMap<string, Uint8Array>;

const source = join(root, "bench/page");

/** Bundles for browsers; the benchmarks are those that lie in their folders now. */
export async function buildPage(): Promise<PageFiles> {
  const names = {
    kernels: await benchNames("kernels"),
    steps: await benchNames("steps"),
  };
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["bench/page/page.ts", "bench/page/worker.ts"],
    outdir: source,
    write: false,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: ["es2022"],
    minifySyntax: true,
    minifyWhitespace: true,
    define: { BENCH_FILES: JSON.stringify(names) },
    logLevel: "silent",
  });
  const files = new Map<string, Uint8Array>();
  files.set("index.html", await readFile(join(source, "index.html")));
  const rules = await readFile(join(source, "page.css"), "utf8");
  files.set("page.css", new TextEncoder().encode(colours() + rules));
  for (const { path, contents } of outputFiles) files.set(basename(path), contents);
  return files;
}

/** Writes the files into a folder, which is made if need be. */
export async function writePage(files: PageFiles, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, contents] of files) await writeFile(join(folder, name), contents);
}

async function benchNames(folder: string): Promise<readonly string[]> {
  const ending = ".bench.ts";
  const names = await readdir(join(root, "bench", folder));
  return names.filter((name) => name.endsWith(ending)).sort()
    .map((name) => name.slice(0, -ending.length));
}

function colours(): string {
  const of = ({ series: _, ...named }: Theme) => {
    return Object.entries(named).map(([name, colour]) => `--${name}:${colour}`).join(";");
  };
  return `:root{${of(LIGHT)}}\n@media screen and (prefers-color-scheme:dark){:root{${of(DARK)}}}\n`;
}
