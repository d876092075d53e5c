// The cpu device on pages of all kinds: isolated or not, with policies that forbid workers or WebAssembly, in a worker.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../../scripts/tools.ts";
import { softwareAdapter } from "../support/software_adapter.ts";

const adapter = await softwareAdapter();
const test = suite("the cpu device on pages");
const onPage = typeof adapter === "string" ? test.skip : test;

type Headers = Readonly<Record<string, string>>;

const ISOLATED: Headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** The kinds of page, by path, and their headers. */
const PAGES: Readonly<Record<string, Headers>> = {
  "/isolated": ISOLATED,
  "/plain": {},
  "/no-workers": { ...ISOLATED, "Content-Security-Policy": "worker-src 'none'" },
  "/no-wasm": { ...ISOLATED, "Content-Security-Policy": "script-src 'self' 'unsafe-inline'" },
};

/** What a page says of a device: its description and a product, or the error. */
const PROGRAM = `
  import { openDevice } from "./src/backend/mod.ts";
  import { tensor } from "./src/tensor/mod.ts";
  async function report(options) {
    try {
      const device = await openDevice("cpu", options);
      const x = tensor(new Float32Array(1 << 20).fill(2), { device, shape: [1024, 1024] });
      const started = performance.now();
      const [product] = await x.matmul(x).data();
      const milliseconds = performance.now() - started;
      device.close();
      return { threads: device.threads, description: device.description, product, milliseconds };
    } catch (error) {
      return { error: String(error) };
    }
  }
  function inWorker(options) {
    const worker = new Worker("/program.js", { type: "module" });
    worker.postMessage(options);
    return new Promise((resolve) => worker.onmessage = ({ data }) => resolve(data));
  }
  if (globalThis.document === undefined) {
    onmessage = async ({ data }) => { if (data?.ask) postMessage(await report(data.ask)); };
  }
  Object.assign(globalThis, { report, inWorker });
`;

interface Report {
  readonly threads?: number;
  readonly description?: string;
  readonly product?: number;
  readonly error?: string;
}

let browser: Browser;
let origin = "";
let processors = 1;
const server = createServer();

test.before(async () => {
  if (typeof adapter === "string") return;
  const { outputFiles: [program] } = await build({
    stdin: { contents: PROGRAM, resolveDir: root, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    logLevel: "silent",
  });
  server.on("request", (request, response) => {
    const script = request.url === "/program.js";
    const headers = script ? ISOLATED : PAGES[request.url ?? ""] ?? {};
    response.writeHead(200, {
      ...headers,
      "Content-Type": script ? "text/javascript" : "text/html",
    });
    response.end(script ? program!.text : '<script type="module" src="/program.js"></script>');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { executablePath, args, environment } = adapter.chromium;
  const env = { ...process.env, ...environment };
  browser = await chromium.launch({ executablePath, args: [...args], env });
});

test.after(async () => {
  await browser?.close();
  server.close();
  server.closeAllConnections();
});

/** Calls a function of the program on a page of that kind. */
async function ask(path: keyof typeof PAGES, call: string): Promise<Report> {
  const page = await browser.newPage();
  try {
    await page.goto(`${origin}${path}`);
    await page.waitForFunction("globalThis.report !== undefined");
    processors = await page.evaluate(() => navigator.hardwareConcurrency);
    return await page.evaluate<Report>(call);
  } finally {
    await page.close();
  }
}

/** What devices say that work. */
function assertWorks({ threads, product, error }: Report, wanted: number): void {
  assert.is(error, undefined);
  assert.equal([threads, product], [wanted, 4096]);
}

onPage("an isolated page has a thread per processor", async () => {
  const report = await ask("/isolated", "report({})");
  assertWorks(report, Math.min(processors, 32));
  assert.match(report.description!, /^WebAssembly relaxed SIMD, \d+ threads?$/);
});

onPage("the main thread of a page, which may not sleep, waits for its workers", async () => {
  assertWorks(await ask("/isolated", "report({ threads: 5 })"), 5);
});

onPage("a worker of a page may have a device of its own", async () => {
  assertWorks(await ask("/isolated", "inWorker({ ask: { threads: 3 } })"), 3);
  assertWorks(await ask("/isolated", "inWorker({ ask: {} })"), Math.min(processors, 32));
});

onPage("on a page that is not isolated one thread does the work", async () => {
  const report = await ask("/plain", "report({})");
  assertWorks(report, 1);
  assert.is(report.description, "WebAssembly relaxed SIMD, 1 thread");
  assert.is(
    (await ask("/plain", "report({ threads: 2 })")).error,
    "RangeError: Cannot open the cpu device with 2 threads on a page that is not cross-origin " +
      "isolated: serve it with COOP and COEP headers, or use 1",
  );
});

onPage(
  "on a page that allows no workers one thread does the work, and the device says why",
  async () => {
    const report = await ask("/no-workers", "report({})");
    assertWorks(report, 1);
    assert.match(report.description!, /1 thread \(one thread: a worker thread failed: .+\)$/);
    const { error } = await ask("/no-workers", "report({ threads: 2 })");
    assert.match(
      error!,
      /^BackendError: Cannot open the cpu device with 2 threads: a worker thread failed: .+, use threads: 1$/,
    );
  },
);

onPage("on a page that allows no WebAssembly opening is an error", async () => {
  assert.match(
    (await ask("/no-wasm", "report({})")).error!,
    /^BackendError: Cannot open the cpu device: its kernels do not compile \(.+\), use the reference device$/,
  );
});

test.run();
