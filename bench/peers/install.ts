/**
 * Puts our engine into a copy of the harness: a bundle for Node and one for browsers beside its
 * adapters, and our peers in its lists. A second time, it replaces what it put there.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions } from "esbuild";

const folder = dirname(fileURLToPath(import.meta.url));

/** What marks our lines in the lists of the harness. */
const MARK = "// added by tapegrad";

/** Our peers, as lines of its list. */
const PEERS: readonly string[] = [
  ...[1, 2].flatMap((threads) => [
    `  'tapegrad-${threads}t': { adapter: 'tapegrad', opts: { backend: 'cpu', threads: ${threads} }`,
    `  'tapegrad-${threads}t-eager': { adapter: 'tapegrad', ` +
    `opts: { backend: 'cpu', threads: ${threads}, eager: true }`,
  ]),
  "  'tapegrad-webgpu': { adapter: 'tapegrad', opts: { backend: 'webgpu' }, gpu: true",
].map((line) => `${line}, hosts: ['node', 'chromium'] }, ${MARK}`);

/** Writes into the harness. */
export async function install(harness: string): Promise<void> {
  const common: BuildOptions = {
    entryPoints: [join(folder, "adapter.ts")],
    bundle: true,
    format: "esm",
    target: "es2022",
    external: ["webgpu"],
    logLevel: "warning",
  };
  const adapters = join(harness, "adapters");
  await build({ ...common, platform: "node", outfile: join(adapters, "tapegrad.mjs") });
  await build({ ...common, platform: "browser", outfile: join(adapters, "tapegrad_browser.mjs") });
  insert(join(harness, "lib/peers.mjs"), "export const PEERS = {", PEERS);
  insert(join(harness, "lib/browser-entry.mjs"), "const ADAPTERS = {", [
    `  tapegrad: () => import('../adapters/tapegrad_browser.mjs'), ${MARK}`,
  ]);
}

/** Puts lines below a line of a file, in place of those that were put there before. */
function insert(file: string, below: string, lines: readonly string[]): void {
  const others = readFileSync(file, "utf8").split("\n").filter((line) => !line.includes(MARK));
  const place = others.findIndex((line) => line.startsWith(below));
  if (place < 0) throw new Error(`Cannot add our peers to ${file}: it has no line "${below}"`);
  writeFileSync(file, others.toSpliced(place + 1, 0, ...lines).join("\n"));
}
