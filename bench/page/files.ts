/**
 * Reports as files of the visitor.
 *
 * @module
 */
import { parseReport, type Report } from "../harness/json.ts";
import { make } from "./elements.ts";

/** Far more than any report has. */
const LARGEST = 32 * 2 ** 20;

/** Hands a report out as a download. */
export function saveReport(report: Report): void {
  const text = `${JSON.stringify(report, null, 1)}\n`;
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const minute = report.date.slice(0, 16).replace("T", "_").replace(":", "-");
  make("a", { href: url, download: `tapegrad_bench_${minute}.json` }).click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Reads a report. Throws SyntaxError or RangeError with what is wrong with the file. */
export async function loadReport(file: File): Promise<Report> {
  if (file.size > LARGEST) {
    throw new RangeError(
      `Cannot read ${file.name}: it has ${file.size} bytes, choose a file that this page saved`,
    );
  }
  return parseReport(await file.text(), file.name);
}
