// The page of the benchmarks in Chromium: opened, run and read as a visitor does.

import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { parseReport, type Report } from "../../bench/harness/json.ts";
import { buildPage, type PageFiles } from "../../scripts/page/build.ts";
import { type Served, type ServeOptions, servePage } from "../../scripts/page/serve.ts";

/** Milliseconds that a run may take; far more than it needs. */
const LONGEST = 120_000;

/** A page that is open. */
export interface BenchPage {
  readonly page: Page;
  readonly served: Served;
  /** What it asked for, and what went wrong in it. */
  readonly requests: readonly string[];
  readonly errors: readonly string[];
  close(): Promise<void>;
}

let files: PageFiles | undefined;

/** Opens the page, and waits until its devices are open. */
export async function openBenchPage(
  browser: Browser,
  options: ServeOptions = {},
): Promise<BenchPage> {
  const served = await servePage(files ??= await buildPage(), options);
  const page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
  page.setDefaultTimeout(LONGEST);
  const requests: string[] = [], errors: string[] = [];
  page.on("request", (request) => void requests.push(request.url()));
  page.on("pageerror", (error) => void errors.push(error.message));
  page.on("console", (line) => void (line.type() === "error" && errors.push(line.text())));
  await page.goto(served.url);
  await waitForStatus(page, "^Ready\\.$");
  const close = async (): Promise<void> => {
    await page.close();
    served.close();
  };
  return { page, served, requests, errors, close };
}

/** What the page says it does. */
export async function statusOf(page: Page): Promise<string> {
  return await page.textContent("#status") ?? "";
}

/** Waits until the page says what a regular expression matches. */
export async function waitForStatus(page: Page, expression: string): Promise<void> {
  // The policy of the page forbids programs as text, so a function it is.
  await page.waitForFunction((wanted) => {
    return new RegExp(wanted).test(document.getElementById("status")!.textContent!);
  }, expression);
}

/** Waits until so many elements match a selector. */
export async function waitForCount(page: Page, selector: string, count: number): Promise<void> {
  await page.waitForFunction(
    ([it, wanted]) => document.querySelectorAll(it).length === wanted,
    [selector, count] as const,
  );
}

/** Runs the short form with these boxes ticked and no other, to its end. */
export async function runShort(page: Page, boxes: readonly string[]): Promise<void> {
  await choose(page, [...boxes, 'input[value="short"]']);
  await page.click("#start");
  await waitForStatus(page, "^(Done|The run)");
}

/** Ticks these boxes and no other. */
export async function choose(page: Page, boxes: readonly string[]): Promise<void> {
  for (const box of await page.locator('input[type="checkbox"]:enabled').all()) await box.uncheck();
  for (const box of boxes) await page.check(box);
}

/** The cells of the table, row by row, headings first. */
export async function tableOf(page: Page): Promise<readonly (readonly string[])[]> {
  const rows = await page.locator("#figures tr").all();
  return await Promise.all(rows.map((row) => row.locator("th, td").allInnerTexts()));
}

/** Takes the download, and reads it as the page and the command line do. */
export async function saveFrom(page: Page): Promise<Report> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
  return parseReport(readFileSync(await download.path(), "utf8"), download.suggestedFilename());
}

/** Hands the page a file. */
export async function loadInto(page: Page, name: string, text: string): Promise<void> {
  const buffer = Buffer.from(text);
  await page.setInputFiles("#load", { name, mimeType: "application/json", buffer });
  await waitForStatus(page, name);
  // The table is drawn with the next frame.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
}
