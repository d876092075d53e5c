// Serves a built page to this machine only: its files from memory, and nothing else.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import type { PageFiles } from "./build.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};

/** Both are needed for SharedArrayBuffer, which the threads of the cpu device share. */
const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** A page that is served. */
export interface Served {
  readonly url: string;
  /** Ends it. */
  close(): void;
}

/** How to serve. */
export interface ServeOptions {
  /** Default 0: any that is free. */
  readonly port?: number;
  /** Whether the page may have threads that share memory. Default true. */
  readonly isolated?: boolean;
}

/** Serves the files at 127.0.0.1. Throws Error where the port is taken. */
export async function servePage(
  files: PageFiles,
  { port = 0, isolated = true }: ServeOptions = {},
): Promise<Served> {
  const server = createServer(({ method, url = "/" }, response) => {
    const { pathname } = new URL(url, "http://127.0.0.1");
    const name = pathname === "/" ? "index.html" : pathname.slice(1);
    const body = method === "GET" || method === "HEAD" ? files.get(name) : undefined;
    response.writeHead(body === undefined ? 404 : 200, {
      "Content-Type": body === undefined ? "text/plain" : TYPES[extname(name)]!,
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      ...isolated ? ISOLATED : {},
    });
    response.end(method === "HEAD" ? undefined : body);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening").catch((error: NodeJS.ErrnoException) => {
    const seen = error.code === "EADDRINUSE" ? "something else is there" : error.message;
    throw new Error(`Cannot serve at port ${port}: ${seen}, take another with --port`);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
