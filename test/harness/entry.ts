// The process that runs test files in Node and in Deno. Arguments: the file that takes the events, then the test files.
// Events go to a file, not to standard output, so that they survive a crash and tests may print what they like.

import { appendFileSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { endings } from "../support/endings.ts";
import { collect, takeOver } from "./collect.ts";

const [events = "", ...names] = process.argv.slice(2);

takeOver();
await collect(
  names.map((name) => ({ name, load: () => import(pathToFileURL(resolve(name)).href) })),
  {
    write: (text) => void process.stdout.write(text),
    report: (event) => appendFileSync(events, `${JSON.stringify(event)}\n`),
  },
);
for (const ending of endings) await ending();
// A device that a test has left open would keep the process alive.
process.exit(0);
