// The page of the benchmarks, in Chromium with its software adapter: figures, files, stopping, and browsers that lack something.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Browser } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type DeviceFacts, parseReport, type Report } from "../../bench/harness/json.ts";
import type { Measured } from "../../bench/harness/outcome.ts";
import { servePage } from "../../scripts/page/serve.ts";
import { root } from "../../scripts/tools.ts";
import { launch } from "../harness/chromium.ts";
import { choose, loadInto, openBenchPage } from "../support/bench_page.ts";
import { runShort, saveFrom, statusOf, tableOf } from "../support/bench_page.ts";
import { waitForCount, waitForStatus } from "../support/bench_page.ts";
import { softwareAdapter } from "../support/software_adapter.ts";

const adapter = await softwareAdapter();
const test = suite("the page of the benchmarks");
const onPage = typeof adapter === "string" ? test.skip : test;
const CURVES = 'input[value="curves"]', STEPS = 'input[value="steps"]';
const CPU = "#use-cpu", GPU = "#use-gpu";

let browser: Browser, withoutGpu: Browser | undefined;
/** What the first test has saved. */
let saved: Report | undefined;

test.before(async () => {
  if (typeof adapter !== "string") browser = await launch(adapter.chromium);
});

test.after(async () => {
  await browser?.close();
  await withoutGpu?.close();
});

/** The names of the members of a value, and of what is in it. */
function membersOf(value: unknown, of: readonly string[]): readonly string[] {
  const found = of.reduce((it, name) => (it as Record<string, unknown>)[name], value);
  return Object.keys(found as object).sort();
}

onPage("a short run times both devices, draws the curves and saves them", async () => {
  const { page, served, requests, errors, close } = await openBenchPage(browser);
  assert.match(await page.innerText("#gpu"), /swiftshader.*software adapter/);
  assert.match(await page.innerText("#notes"), /WebGPU runs in software here/);
  assert.is(await page.isChecked(GPU), false, "a software adapter is for those who ask for it");
  await runShort(page, [CURVES, CPU, GPU]);
  assert.match(await statusOf(page), /^Done: \d+ works\.$/);

  const [head, ...rows] = await tableOf(page);
  assert.is(head![1], "WebGPU in software");
  assert.match(head![2]!, /^CPU, \d+ threads?$/);
  assert.ok(rows.length >= 6);
  for (const [work, ...cells] of rows) {
    const [gpu, cpu] = cells;
    assert.match(gpu!, /^[\d.]+ (µs|ms|s)\s+[\d.]+ [GM]FLOP\/s, [\d.]+ % of peak$/, work);
    assert.match(cpu!, /^[\d.]+ (µs|ms|s)\s+[\d.]+ [GM]FLOP\/s$/, work);
  }
  for (const curve of ["matmul", "conv2d"]) {
    const label = await page.getAttribute(`#curve-${curve} svg`, "aria-label");
    assert.match(label!, /GFLOP\/s against .+: WebGPU in software, CPU, \d+ threads?\.$/);
  }

  saved = await saveFrom(page);
  assert.is(saved.works.length, rows.length);
  assert.equal(saved.devices.map(({ software }) => software), [true, undefined]);
  const [{ name: gpu, limits }] = saved.devices as [DeviceFacts];
  for (const { name, outcomes, shares } of saved.works) {
    const { gflops } = outcomes[gpu] as Measured;
    assert.equal(shares, { [gpu]: { of: "peak", share: gflops / limits!.peak } }, name);
  }
  const product = saved.works.find(({ name }) => name === "matmul W1_256")!;
  for (const { name } of saved.devices) {
    const outcome = product.outcomes[name]!;
    if (outcome.kind !== "measured") throw new Error(`${name}: ${outcome.why}`);
    // What PyTorch gets for the same numbers.
    assert.ok(Math.abs(outcome.check - 278888.8) < 0.2, `${name}: ${outcome.check}`);
    assert.ok(Math.abs(outcome.gflops * outcome.timing.median - 2 * 256 ** 3 * 1e-6) < 1e-6);
  }
  assert.equal(errors, []);
  assert.equal(
    requests.filter((url) => !url.startsWith(served.url) && !/^(blob|data):/.test(url)),
    [],
  );
  await close();
});

onPage("the command line saves the same members, and the page lays them beside", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tapegrad-")), file = join(folder, "bench.json");
  const args = ["--quick", "--only", "cpu", "--filter", "matmul W1_64", "--json", file];
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", join(root, "bench/run.ts"), ...args],
    { cwd: root, encoding: "utf8" },
  );
  assert.is(status, 0, stderr);
  const text = readFileSync(file, "utf8"), report = parseReport(text, file);
  rmSync(folder, { recursive: true });
  assert.ok(saved !== undefined, "nothing was saved before");
  const cpu = saved!.devices[1]!.name;
  for (const path of [[], ["works", "0"], ["works", "0", "point"], ["works", "0", "tolerance"]]) {
    assert.equal(membersOf(report, path), membersOf(saved, path), path.join("."));
  }
  const rated = ["cores", "cpu", "engine", "platform", "rates"];
  assert.equal(membersOf(report, ["machine"]), rated);
  assert.equal([...membersOf(saved, ["machine"]), "rates"].sort(), rated);
  const device = report.devices[0]!.name;
  assert.equal(
    membersOf(report, ["works", "0", "outcomes", device]),
    membersOf(saved, ["works", "0", "outcomes", cpu]),
  );

  const { page, close } = await openBenchPage(browser);
  await loadInto(page, "bench.json", text);
  const timed = report.devices.filter(({ backend }) => backend !== "reference");
  await waitForCount(page, "#figures thead small", timed.length);
  const [head, row] = await tableOf(page);
  assert.match(head![1]!, /^CPU, 1 thread\s+earlier$/);
  assert.match(row![0]!, /^matmul W1_64/);
  assert.match(row![1]!, /^[\d.]+ µs\s+[\d.]+ GFLOP\/s, \d+ % of peak$/);
  await close();
});

onPage("an earlier file lies beside the figures of now, until it is removed", async () => {
  const { page, close } = await openBenchPage(browser);
  await runShort(page, [CURVES, CPU]);
  const now = await saveFrom(page);
  const slower = JSON.stringify(now, (key, value) => key === "median" ? 4 * value : value);
  await loadInto(page, "slower.json", slower);
  await waitForCount(page, "#figures thead small", 1);
  const [head, ...rows] = await tableOf(page);
  assert.match(head![2]!, /earlier$/);
  for (const row of rows) assert.match(row[2]!, /now 4\.00 × as fast$/);
  assert.match(
    (await page.getAttribute("#curve-matmul svg", "aria-label"))!,
    /threads?, earlier\.$/,
  );
  await page.click("#forget");
  await waitForCount(page, "#figures thead th", 2);
  assert.is(await page.isVisible("#forget"), false);

  await loadInto(page, "other.json", '{"format":"something else"}');
  assert.match(await statusOf(page), /^Cannot read other\.json: its format is "something else"/);
  await loadInto(page, "broken.json", "{");
  assert.match(await statusOf(page), /^Cannot read broken\.json: it holds no JSON/);
  assert.is((await tableOf(page))[0]!.length, 2);
  await close();
});

onPage("a run is stopped at once, keeps its figures, and another can begin", async () => {
  const { page, errors, close } = await openBenchPage(browser);
  await choose(page, [CURVES, STEPS, CPU, GPU, 'input[value="long"]']);
  // By keyboard alone.
  await page.focus("#start");
  await page.keyboard.press("Enter");
  await waitForCount(page, "#curve-matmul svg", 1);
  assert.is(await page.evaluate(() => document.activeElement!.id), "stop");
  assert.is(await page.isDisabled("#save"), true);
  assert.ok(page.workers().length > 0);
  const pressed = performance.now();
  await page.keyboard.press("Enter");
  await waitForStatus(page, "^Stopped");
  assert.ok(performance.now() - pressed < 2_000);
  assert.match(await statusOf(page), /^Stopped after \d+ of \d{2,} works\.$/);
  assert.is(await page.evaluate(() => document.activeElement!.id), "start");

  const before = await tableOf(page);
  await page.waitForTimeout(700);
  assert.equal(await tableOf(page), before);
  const { works } = await saveFrom(page);
  assert.ok(works.length >= 1 && works.length < before.length - 1);
  // Workers stop at once; Chromium takes some seconds to end their threads.
  for (let tries = 0; tries < 150 && page.workers().length > 0; tries++) {
    await page.waitForTimeout(100);
  }
  assert.is(page.workers().length, 0, "what ran has ended");

  await runShort(page, [CURVES, CPU]);
  assert.match(await statusOf(page), /^Done/);
  assert.equal(errors, []);
  await close();
});

onPage("without WebGPU the page says so and times the CPU", async () => {
  if (typeof adapter === "string") return;
  withoutGpu = await launch(adapter.chromium, ["--no-sandbox"]);
  const { page, close } = await openBenchPage(withoutGpu);
  assert.is(await page.innerText("#gpu"), "none");
  assert.match(
    await page.innerText("#notes"),
    /^No GPU, so the CPU alone is timed: browser found no adapter, .+ settings\.$/,
  );
  assert.is(await page.isDisabled(GPU), true);
  await runShort(page, [CURVES, CPU]);
  assert.match(await statusOf(page), /^Done: \d+ works\.$/);
  assert.equal((await saveFrom(page)).devices.map(({ backend }) => backend), ["cpu"]);
  await close();
});

onPage("a page that is not isolated says so, and has one thread", async () => {
  const { page, close } = await openBenchPage(browser, { isolated: false });
  assert.match(
    await page.innerText("#notes"),
    /not cross-origin isolated, so the CPU has one thread/,
  );
  assert.match(await page.innerText("#cpu"), /1 thread$/);
  await runShort(page, [CURVES, CPU]);
  assert.is((await tableOf(page))[0]![1], "CPU, 1 thread");
  await close();
});

onPage("nothing sticks out of a small screen, before and after a run", async () => {
  const { page, close } = await openBenchPage(browser);
  await page.setViewportSize({ width: 340, height: 700 });
  assert.is(await page.evaluate(() => document.documentElement.scrollWidth), 340);
  await runShort(page, [CURVES, CPU]);
  await waitForCount(page, "#curves svg", 2);
  assert.is(await page.evaluate(() => document.documentElement.scrollWidth), 340);
  await close();
});

onPage("the server has the files of the page and no other", async () => {
  const { served, close } = await openBenchPage(browser);
  const page = await fetch(served.url);
  assert.is(page.headers.get("cross-origin-opener-policy"), "same-origin");
  assert.is(page.headers.get("cross-origin-embedder-policy"), "require-corp");
  for (const path of ["package.json", "..%2fpackage.json", "page.ts", "%"]) {
    assert.is((await fetch(served.url + path)).status, 404, path);
  }
  assert.is((await fetch(served.url, { method: "POST" })).status, 404);
  const port = Number(new URL(served.url).port);
  const taken = await servePage(new Map(), { port }).catch((error: Error) => error.message);
  assert.is(
    taken,
    `Cannot serve at port ${port}: something else is there, take another with --port`,
  );
  await close();
});

test.run();
