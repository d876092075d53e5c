// The Chromium phase: bundles the test files, serves them to a headless browser from this machine only, and runs them.

import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";
import { root } from "../../scripts/tools.ts";
import { tally } from "./events.ts";
import type { Tally, TestEvent } from "./events.ts";
import type { SoftwareAdapter } from "../support/software_adapter.ts";

/** Served files by path. */
type Site = ReadonlyMap<string, string | Uint8Array>;

export async function runInChromium(
  installed: SoftwareAdapter["chromium"],
  files: readonly string[],
  signal: AbortSignal,
): Promise<Tally> {
  const events: TestEvent[] = [];
  let end: string | undefined;
  try {
    const site = await bundle(files);
    const browser = await launch(installed);
    await visit(browser, site, { events, signal });
  } catch (error) {
    end = error instanceof Error ? error.message : String(error);
  }
  return tally(events, signal.aborted ? String(signal.reason) : end);
}

/** One chunk for each test file, so that a file that cannot be loaded takes no other down. */
async function bundle(files: readonly string[]): Promise<Site> {
  const list = files.map((file) => {
    const name = JSON.stringify(file);
    return `{ name: ${name}, load: () => import(${JSON.stringify(`./${file}`)}) },`;
  });
  const contents = `
    import { runInPage } from "./test/harness/page.ts";
    globalThis.tapegradRun = () => runInPage([${list.join("\n")}]);
  `;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, sourcefile: "tests.ts", loader: "ts" },
    outdir: root,
    write: false,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    logLevel: "silent",
  });
  const site = new Map<string, string | Uint8Array>();
  for (const file of outputFiles) site.set(`/${basename(file.path)}`, file.contents);
  site.set(
    "/",
    `<!doctype html><meta charset="utf-8"><title>Tests</title>
    <script>globalThis.TAPEGRAD_TEST_WEBGPU = "1"</script>
    <script type="module" src="/stdin.js"></script>`,
  );
  return site;
}

/** Starts the browser; the caller closes it. Other flags than its own leave WebGPU out. */
export async function launch(
  installed: SoftwareAdapter["chromium"],
  flags: readonly string[] = installed.args,
): Promise<Browser> {
  return await chromium.launch({
    executablePath: installed.executablePath,
    args: [...flags],
    env: { ...process.env, ...installed.environment },
    // The harness handles signals itself, for all platforms alike.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

/** Runs the site's tests and closes the browser. */
async function visit(
  browser: Browser,
  site: Site,
  { events, signal }: { readonly events: TestEvent[]; readonly signal: AbortSignal },
): Promise<void> {
  const server = await serve(site);
  // Whatever waits for the page fails when the browser closes: that is how a run ends early.
  function close(): void {
    void browser.close();
  }
  signal.addEventListener("abort", close, { once: true });
  let stray: Error | undefined;
  try {
    signal.throwIfAborted();
    const page = await browser.newPage();
    page.on("console", (message) => console.log(message.text()));
    page.on("pageerror", (error) => {
      stray = error;
      close();
    });
    await page.exposeFunction("tapegradWrite", write);
    await page.exposeFunction("tapegradReport", (event: TestEvent) => void events.push(event));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.evaluate("tapegradRun()");
  } catch (error) {
    throw stray ?? error;
  } finally {
    signal.removeEventListener("abort", close);
    await browser.close();
    server.close();
    server.closeAllConnections();
  }
}

async function serve(site: Site): Promise<Server> {
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const body = site.get(path);
    response.writeHead(body === undefined ? 404 : 200, {
      "Content-Type": path.endsWith(".js") ? "text/javascript" : "text/html",
      // Both are needed for SharedArrayBuffer, which the threads of the CPU backend share.
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    });
    response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function write(text: string): void {
  process.stdout.write(process.stdout.isTTY ? text : stripVTControlCharacters(text));
}
