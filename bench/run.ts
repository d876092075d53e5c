// Times every kernel and whole steps: npm run bench -- --help
//
// The files in kernels/ and steps/ declare works; here they run, one after the other, on every
// device of this machine.

import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { softwareAdapter } from "../test/support/software_adapter.ts";
import { openDevices } from "./harness/devices.ts";
import { reportOf, type Row } from "./harness/json.ts";
import { HELP, parseOptions } from "./harness/options.ts";
import type { Outcome } from "./harness/outcome.ts";
import { HEADINGS, outcomeLine, workLine } from "./harness/print.ts";
import { reasonAgainst, type Setting, timeRow } from "./harness/row.ts";
import { takeWorks, type Work } from "./harness/work.ts";

const folder = dirname(fileURLToPath(import.meta.url));
const options = parseOptions();
if (options.help) {
  console.log(HELP);
  process.exit();
}
if (options.software) await enterSoftwareEnvironment();

const started = performance.now();
const { reference, devices, missing } = await openDevices(options);
const setting: Setting = {
  reference,
  devices,
  budget: options.quick ? { total: 20, run: 2 } : { total: options.software ? 200 : 400, run: 10 },
  limit: options.quick ? 6e5 : Infinity,
  deadline: started + 240_000,
};
for (const { name, device } of devices) console.log(`${name.padEnd(16)}  ${device.description}`);
for (const line of missing) console.log(line);
console.log(`\n${HEADINGS}`);

const rows: Row[] = [];
const leftOut = new Map<string, string[]>();
for (const file of benchFiles()) {
  await import(pathToFileURL(join(folder, file)).href);
  for (const work of takeWorks()) {
    if (!options.filter.test(`${file} ${work.name}`)) continue;
    const reason = reasonAgainst(work, setting);
    if (reason === undefined) rows.push({ file, work, outcomes: await run(work) });
    else leftOut.set(reason, [...leftOut.get(reason) ?? [], work.name]);
  }
}
for (const { device } of devices) device.close();

for (const [reason, names] of leftOut) {
  const what = names.length > 8 ? `${names.length} works` : names.join(", ");
  console.log(`\nLeft out, ${reason}: ${what}`);
}
const kinds = rows.flatMap(({ outcomes }) => Object.values(outcomes).map(({ kind }) => kind));
const failed = kinds.filter((kind) => kind === "failed").length;
const measured = kinds.filter((kind) => kind === "measured").length;
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(`\n${measured} measured, ${failed} failed in ${seconds} s`);
if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify(reportOf(rows, devices), null, 1)}\n`);
}
if (failed > 0 || measured === 0) process.exitCode = 1;

/** A work on all devices, printed as it goes. */
async function run(work: Work): Promise<Record<string, Outcome>> {
  console.log(workLine(work));
  const outcomes: Record<string, Outcome> = {};
  let baseline: number | undefined;
  for await (const [name, outcome] of timeRow(work, setting)) {
    outcomes[name] = outcome;
    if (name === "reference" && outcome.kind === "measured") baseline = outcome.timing.median;
    console.log(outcomeLine([name, outcome], work, baseline));
  }
  return outcomes;
}

function benchFiles(): string[] {
  return ["steps", "kernels"].flatMap((name) => {
    const files = readdirSync(join(folder, name)).filter((file) => file.endsWith(".bench.ts"));
    return files.sort().map((file) => `${name}/${file}`);
  });
}

/** Starts this program again where drivers, which look once, find the software adapter. */
async function enterSoftwareEnvironment(): Promise<void> {
  const adapter = await softwareAdapter();
  if (typeof adapter === "string") throw new Error(`Cannot take a software adapter: ${adapter}`);
  const { environment } = adapter;
  if (process.env["VK_DRIVER_FILES"] === environment["VK_DRIVER_FILES"]) return;
  const { status } = spawnSync(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    env: { ...process.env, ...environment },
    stdio: "inherit",
  });
  process.exit(status ?? 1);
}
