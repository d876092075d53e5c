// The benchmarks as a page for the browser: builds it, and serves it to this machine only.
//
//   npm run bench:page                      at http://127.0.0.1:8766/
//   npm run bench:page -- --port NUMBER     elsewhere; 0 takes a port that is free
//   npm run bench:page -- --out FOLDER      serves nothing: writes static files, for any host

import process from "node:process";
import { parseArgs } from "node:util";
import { buildPage, writePage } from "./page/build.ts";
import { servePage } from "./page/serve.ts";

const { values } = parseArgs({
  options: { out: { type: "string" }, port: { type: "string", default: "8766" } },
});
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65535) {
  throw new RangeError(
    `Cannot serve at port ${values.port}: it must be a whole number up to 65535`,
  );
}

const files = await buildPage();
if (values.out !== undefined) {
  await writePage(files, values.out);
  console.log(`The page is in ${values.out}, for any host. The CPU has all its threads where the`);
  console.log("host sends Cross-Origin-Opener-Policy: same-origin and");
  console.log("Cross-Origin-Embedder-Policy: require-corp.");
} else {
  const { url, close } = await servePage(files, { port });
  console.log(`The benchmarks are at ${url}, for this machine only. Ctrl+C ends it.`);
  process.once("SIGINT", close);
  process.once("SIGTERM", close);
}
