// A GPU for machines without one: SwiftShader (Vulkan on the CPU) and the headless Chromium that comes with it, unpacked
// from the development dependency @sparticuz/chromium into .cache/. Needs neither root nor system libraries beyond glibc.

import { createReadStream, createWriteStream, existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync, createBrotliDecompress } from "node:zlib";
import { readTar } from "./tar.ts";

type Environment = Readonly<Record<string, string>>;

export interface SoftwareAdapter {
  /** Environment in which Dawn (in Node) and wgpu (in Deno) find SwiftShader and no other driver. */
  readonly environment: Environment;
  readonly chromium: {
    readonly executablePath: string;
    readonly args: readonly string[];
    readonly environment: Environment;
  };
}

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const source = join(root, "node_modules/@sparticuz/chromium");
const cache = join(root, ".cache/software_adapter");

/** Flags under which the packed Chromium offers WebGPU on SwiftShader. */
const chromiumArgs = [
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
  "--use-vulkan=swiftshader",
];

/** The packed one names folders that exist elsewhere only; without a font Chromium dies of a field for files. */
const fonts = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
</fontconfig>
`;

/** The adapter, unpacked on the first call; or the reason, in one line, why this machine cannot have it. */
export async function softwareAdapter(): Promise<SoftwareAdapter | string> {
  const reason = unsupported();
  if (reason !== undefined) return reason;
  const manifest = join(source, "package.json");
  if (!existsSync(manifest)) return "@sparticuz/chromium is not installed: run npm ci";
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  // The number grows with what is unpacked.
  const folder = join(cache, `${version}-2`);
  if (!existsSync(folder)) await unpack(join(source, "bin"), folder);
  return describe(folder);
}

function unsupported(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return `the software adapter exists for linux x64 only: this is ${process.platform} ${process.arch}`;
  }
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  if (report.header?.glibcVersionRuntime === undefined) return "the software adapter needs glibc";
  return undefined;
}

/** Unpacks beside the target and renames, so that a reader sees all of it or nothing, however many run at once. */
async function unpack(bin: string, folder: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const partial = await mkdtemp(join(cache, "partial-"));
  try {
    for (const name of ["swiftshader", "al2023", "fonts"]) {
      await unpackTar(join(bin, `${name}.tar.br`), partial);
    }
    await writeFile(join(partial, "fonts.conf"), fonts);
    await pipeline(
      createReadStream(join(bin, "chromium.br")),
      createBrotliDecompress(),
      createWriteStream(join(partial, "chromium"), { mode: 0o755 }),
    );
    await rename(partial, folder);
  } catch (error) {
    // Another process may have been first: its copy is as good as ours.
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function unpackTar(file: string, folder: string): Promise<void> {
  for (const entry of readTar(brotliDecompressSync(readFileSync(file)))) {
    const path = join(folder, entry.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, entry.bytes, { mode: entry.mode });
  }
}

function describe(folder: string): SoftwareAdapter {
  return {
    environment: {
      VK_DRIVER_FILES: join(folder, "vk_swiftshader_icd.json"),
      // Else Deno loads OpenGL drivers too, of which Mesa's may break the process when it ends.
      DENO_WEBGPU_BACKEND: "vulkan",
      LD_LIBRARY_PATH: libraryPath(folder),
    },
    chromium: {
      executablePath: join(folder, "chromium"),
      args: chromiumArgs,
      environment: {
        // lib/ holds the NSS and expat libraries that slim images lack.
        LD_LIBRARY_PATH: libraryPath(join(folder, "lib")),
        FONTCONFIG_PATH: folder,
      },
    },
  };
}

function libraryPath(folder: string): string {
  const inherited = process.env["LD_LIBRARY_PATH"];
  return inherited ? `${folder}:${inherited}` : folder;
}
