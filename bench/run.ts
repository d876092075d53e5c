// Times every kernel and whole steps: npm run bench -- --help
//
// The files in kernels/ and steps/ declare works; here they run, one after the other, on every
// device of this machine.

import { readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { openDevices, withLimits } from "./harness/devices.ts";
import { hostFacts } from "./harness/host.ts";
import { reportOf, type Row } from "./harness/json.ts";
import { HELP, parseOptions } from "./harness/options.ts";
import type { Budget } from "./harness/measure.ts";
import type { Outcome } from "./harness/outcome.ts";
import {
  HEADINGS,
  limitsLine,
  machineLines,
  outcomeLine,
  sideBySide,
  workLine,
} from "./harness/print.ts";
import { reasonAgainst, type Setting, timeRow } from "./harness/row.ts";
import { enterSoftwareEnvironment } from "./harness/software.ts";
import { takeWorks, type Work } from "./harness/work.ts";
import { Gauge } from "./machine/gauge.ts";
import { type Share, shareOf } from "./machine/share.ts";

const folder = dirname(fileURLToPath(import.meta.url));
const options = parseOptions();
if (options.help) {
  console.log(HELP);
  process.exit();
}
if (options.software) await enterSoftwareEnvironment();

const started = performance.now();
const { reference, devices: opened, missing } = await openDevices(options);
if (options.only === "webgpu" && opened.length === 0) {
  // Asked for WebGPU alone, a table without a row would be of no use.
  console.log(`${missing.join("\n")}\nno GPU, so WebGPU is timed in software, on the CPU:\n`);
  await enterSoftwareEnvironment(["--software"]);
}
const devices = await withLimits(opened);
const budget = options.quick
  ? { total: 20, run: 2 }
  : { total: options.software ? 200 : 400, run: 10 };
const setting: Omit<Setting, "budget"> = {
  reference,
  devices,
  limit: options.quick ? 6e5 : Infinity,
  deadline: started + 240_000,
};
for (const { name, device } of devices) console.log(`${name.padEnd(16)}  ${device.description}`);
for (const line of missing) console.log(line);
for (const { name, limits } of devices) {
  if (limits !== undefined) console.log(limitsLine(name, limits));
}
const threads = Math.max(0, ...devices.map(({ threads = 0 }) => threads));
const gauge = threads === 0 ? undefined : await Gauge.open(threads);
const machine = gauge?.machine();
if (machine !== undefined) machineLines(machine).forEach((line) => console.log(line));
console.log(`\n${HEADINGS}`);

const peaks: number[] = [];
const rows: Row[] = [];
const leftOut = new Map<string, string[]>();
const works = await declaredWorks();
for (const [i, { file, work }] of works.entries()) {
  const reason = reasonAgainst(work, setting);
  if (reason === undefined) rows.push({ file, work, ...await run(work, works.length - i) });
  else leftOut.set(reason, [...leftOut.get(reason) ?? [], work.name]);
}
for (const { device } of devices) device.close();

console.log(
  "\nSide by side: medians, with the share of the peak (p) or of the memory's rate (m)\n",
);
for (const line of sideBySide(rows, devices.map(({ name }) => name))) console.log(line);
if (gauge !== undefined) {
  console.log("\nThe machine at the end:");
  for (const line of machineLines(gauge.machine())) console.log(line);
  gauge.close();
}
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
  const report = reportOf(rows, devices, hostFacts(machine));
  writeFileSync(options.json, `${JSON.stringify(report, null, 1)}\n`);
}
if (failed > 0 || measured === 0) process.exitCode = 1;

/** All works that were asked for, steps first. */
async function declaredWorks(): Promise<readonly Pick<Row, "file" | "work">[]> {
  const found: Pick<Row, "file" | "work">[] = [];
  for (const file of benchFiles()) {
    await import(pathToFileURL(join(folder, file)).href);
    for (const work of takeWorks()) {
      if (options.filter.test(`${file} ${work.name}`)) found.push({ file, work });
    }
  }
  return found;
}

/** Less time for each work when there is not enough for all: a slow machine, or a busy one. */
function budgetFor(worksLeft: number): Budget {
  const each = (setting.deadline - performance.now()) / worksLeft / devices.length;
  // A work takes more than its time: it is checked and warmed up, too.
  return { ...budget, total: Math.max(50, Math.min(budget.total, each / 3)) };
}

/** The peak of a thread now, since rates of a virtual machine drift: the best of the last rows. */
function currentPeak(): number {
  if (gauge === undefined) return 0;
  peaks.push(gauge.rate("multiply_adds", 1, 3));
  if (peaks.length > 5) peaks.shift();
  return Math.max(...peaks);
}

/** A work on all devices, printed as it goes. */
async function run(work: Work, left: number): Promise<Pick<Row, "outcomes" | "shares">> {
  console.log(workLine(work));
  const outcomes: Record<string, Outcome> = {}, shares: Record<string, Share> = {};
  const peak = currentPeak();
  let baseline: number | undefined;
  for await (const [name, outcome] of timeRow(work, { ...setting, budget: budgetFor(left) })) {
    outcomes[name] = outcome;
    if (name === "reference" && outcome.kind === "measured") baseline = outcome.timing.median;
    const share = shareFor(name, outcome, { work, peak });
    if (share !== undefined) shares[name] = share;
    console.log(outcomeLine([name, outcome], work, { baseline, share }));
  }
  return { outcomes, shares };
}

/** The share of the machine that a device had. */
function shareFor(
  name: string,
  outcome: Outcome,
  { work, peak }: { readonly work: Work; readonly peak: number },
): Share | undefined {
  const { threads, limits } = devices.find((device) => device.name === name)!;
  if (outcome.kind !== "measured") return;
  if (limits !== undefined) return shareOf(work, outcome, { limits });
  if (threads === undefined || machine === undefined) return;
  const { one, all } = machine.copy;
  return shareOf(work, outcome, { threads, limits: { peak, copy: threads === 1 ? one : all } });
}

function benchFiles(): string[] {
  return ["steps", "kernels"].flatMap((name) => {
    const files = readdirSync(join(folder, name)).filter((file) => file.endsWith(".bench.ts"));
    return files.sort().map((file) => `${name}/${file}`);
  });
}
