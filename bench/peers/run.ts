// Our engine beside others, in turn: npx tsx bench/peers/run.ts --help

import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Gauge, isQuiet } from "../machine/gauge.ts";
import { install } from "./install.ts";
import { type Line, parseLines } from "./line.ts";
import { fill, machineText, reachTable, timesTable, webgpuTable } from "./markdown.ts";
import { ENTRIES, type Entry, entryOf, GROUPS, nameOf } from "./plan.ts";
import { noiseLines, reachLines, resultLines } from "./print.ts";
import { Results } from "./results.ts";
import { OURS } from "./targets.ts";
import { takeTurn } from "./turn.ts";

const HELP = `Times our engine beside others on the works of their harness, in turn.

  npx tsx bench/peers/run.ts --harness PATH [options]

  --harness PATH    the harness, or the variable TAPEGRAD_PEERS; our adapter is put into it
  --peers NAMES     these only, as peer or peer@host, separated by commas
  --work NAMES      these works only
  --rounds N        how often everybody has a turn; default 3
  --milliseconds N  for the runs of a work in a turn; default 700
  --wait SECONDS    before a turn, wait so long at most until nothing else runs; default 0
  --out FILE        where lines of JSON go; default .cache/peers.jsonl
  --from FILE       no runs: the tables of the lines in a file
  --markdown FILE   fill in the tables of a page: docs/benchmarks.md
  --install         only put our adapter into the harness
  --help            this text`;

const { values } = parseArgs({
  options: {
    harness: { type: "string", default: process.env["TAPEGRAD_PEERS"] ?? "" },
    peers: { type: "string" },
    work: { type: "string" },
    rounds: { type: "string", default: "3" },
    milliseconds: { type: "string", default: "700" },
    wait: { type: "string", default: "0" },
    out: { type: "string", default: ".cache/peers.jsonl" },
    from: { type: "string" },
    markdown: { type: "string" },
    install: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

/** Those who take turns, on what was asked for. */
function entries(): readonly Entry[] {
  const asked = values.peers?.split(",").map(entryOf) ?? ENTRIES;
  const works = values.work?.split(",");
  if (works === undefined) return asked;
  return asked.map((entry) => {
    return { ...entry, works: entry.works.filter((work) => works.includes(work)) };
  });
}

async function measure(harness: string): Promise<readonly Line[]> {
  const lines: Line[] = [];
  const keep = (line: Line): void => {
    lines.push(line);
    appendFileSync(values.out, `${JSON.stringify(line)}\n`);
  };
  writeFileSync(values.out, "");
  const gauge = await Gauge.open(cpus().length);
  const limits = { runs: 5, milliseconds: Number(values.milliseconds), patience: 120 };
  const started = performance.now();
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [group, works] of GROUPS.entries()) {
      const turns = entries().map((entry) => {
        return { ...entry, works: works.filter((work) => entry.works.includes(work)) };
      }).filter((entry) => entry.works.length > 0);
      if (turns.length === 0) continue;
      await untilQuiet(gauge);
      keep({ peer: "machine", round, group, ...gauge.machine(), ...machine() });
      for (const entry of turns) {
        await untilQuiet(gauge);
        const seconds = ((performance.now() - started) / 1000).toFixed(0);
        console.error(
          `${seconds.padStart(4)} s  round ${round + 1}  ${nameOf(entry)}  ${
            entry.works.join(" ")
          }`,
        );
        const found = await takeTurn(harness, entry, limits);
        for (const line of found) keep({ ...line, round, group });
      }
    }
  }
  gauge.close();
  return lines;
}

/** Waits until all threads get their processors, or until it has waited long enough. */
async function untilQuiet(gauge: Gauge): Promise<void> {
  const end = performance.now() + 1000 * Number(values.wait);
  while (performance.now() < end) {
    const one = gauge.rate("multiply_adds", 1, 3),
      all = gauge.rate("multiply_adds", gauge.threads, 3);
    if (isQuiet({ one, all }, gauge.threads)) return;
    await setTimeout(500);
  }
}

function machine(): Record<"cpu" | "node" | "date", string> & { readonly cores: number } {
  const all = cpus();
  return {
    cpu: all[0]?.model ?? "an unknown processor",
    cores: all.length,
    node: `Node ${process.versions.node}`,
    date: new Date().toISOString(),
  };
}

async function lines(): Promise<readonly Line[]> {
  if (values.from !== undefined) return parseLines(readFileSync(values.from, "utf8"));
  const harness = resolve(values.harness);
  if (values.harness === "" || !existsSync(join(harness, "run.mjs"))) {
    throw new Error("Cannot find the harness: give --harness PATH or TAPEGRAD_PEERS");
  }
  await install(harness);
  return values.install ? [] : await measure(harness);
}

if (values.help) console.log(HELP);
else {
  const results = new Results(await lines());
  for (const line of resultLines(results)) console.log(line);
  if (results.machines.length > 0) {
    console.log(`\n${machineText(results)}\n`);
    for (const line of [...reachLines(results), ...noiseLines(results)]) console.log(line);
    if (values.markdown !== undefined) {
      const webgpu = webgpuTable(results);
      if (webgpu !== undefined) fill(values.markdown, { webgpu });
      if (results.names.includes(OURS.one)) {
        fill(values.markdown, {
          machine: machineText(results),
          reach: reachTable(results),
          "one thread": timesTable(results, 1),
          "two threads": timesTable(results, 2),
        });
      }
    }
  }
}
