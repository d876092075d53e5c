/**
 * The tables of docs/benchmarks.md.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { formatNumber, formatShare, formatTime } from "../harness/format.ts";
import { type Entry, entryOf, nameOf } from "./plan.ts";
import type { Results } from "./results.ts";
import { machineOf, OURS, peakShare, TARGETS } from "./targets.ts";

/** Cells of a table, the headings first. */
type Cells = readonly (readonly string[])[];

/** A table as the formatter wants it: columns of one width. */
export function table(cells: Cells): string {
  const widths = cells[0]!.map((_, column) => {
    return Math.max(3, ...cells.map((row) => row[column]!.length));
  });
  const line = (row: readonly string[]) => {
    return `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  };
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(cells[0]!), rule, ...cells.slice(1).map(line)].join("\n");
}

/** What was found for each figure to reach. */
export function reachTable(results: Results): string {
  const rows = TARGETS.map(({ work, what, reach, judge }) => {
    const judgements = judge(results);
    const known = judgements.every(({ reached }) => reached !== undefined);
    const reached = judgements.every(({ reached }) => reached !== false);
    return [
      work,
      what,
      reach,
      judgements.map(({ text, reached }) => reached === false ? `**${text}**` : text).join(", "),
      !known ? "not known" : reached ? "yes" : "**no**",
    ];
  });
  return table([["row", "what", "to reach", "found", "reached"], ...rows]);
}

/** A column of the tables of times: peers that share one take turns in it, by work. */
interface Column {
  readonly title: string;
  /** As peer@host; a star marks the figures of all but the first. */
  readonly names: readonly string[];
}

/** The columns for one thread, and for two. */
const COLUMNS: Readonly<Record<1 | 2, readonly Column[]>> = {
  1: [
    { title: "tapegrad", names: [OURS.one] },
    { title: "tapegrad, eager", names: ["tapegrad-1t-eager@node"] },
    { title: "PyTorch", names: ["torch-1t@node"] },
    { title: "tfjs-wasm", names: ["tfjs-wasm-1t@node", "tfjs-wasm-1t-patched@node"] },
    { title: "onnxruntime-web", names: ["ort-wasm-1t@node"] },
    { title: "jax-js", names: ["jaxjs-wasm-1t-jit@node"] },
  ],
  2: [
    { title: "tapegrad", names: [OURS.two] },
    { title: "PyTorch", names: ["torch-2t@node"] },
    { title: "tapegrad in Chromium", names: ["tapegrad-2t@chromium"] },
    { title: "tfjs-wasm", names: ["tfjs-wasm-2t@chromium", "tfjs-wasm-2t-patched@chromium"] },
    { title: "onnxruntime-web", names: ["ort-wasm-2t@chromium"] },
    { title: "jax-js", names: ["jaxjs-wasm-2t-jit@chromium"] },
  ],
};

/** Times with so many threads: of ours with the share of the peak, of others as multiples of ours. */
export function timesTable(results: Results, threads: 1 | 2): string {
  const columns = COLUMNS[threads];
  const rows = results.works.map((work) => [
    work,
    ...columns.map(({ names }) => {
      const texts = names.map((name, i) => `${cellText(results, name, work)}${i > 0 ? " *" : ""}`);
      return texts.find((text) => text.trim() !== "" && text !== " *") ?? "";
    }),
  ]);
  return table([["row", ...columns.map(({ title }) => title)], ...rows]);
}

function cellText(results: Results, name: string, work: string): string {
  const cell = results.cell(name, work);
  if (cell === undefined) return "";
  const time = formatTime(cell.time) + (results.agrees(cell) ? "" : " ≠");
  const measured = (name === OURS.one || name === OURS.two) && cell.gflops !== undefined;
  const share = measured ? peakShare(results, name, work) : undefined;
  if (share !== undefined) return `${time}, ${formatShare(share)}`;
  const twin = twinOf(entryOf(name));
  const ratio = twin === name ? undefined : results.speedup(twin, name, work);
  return ratio === undefined ? time : `${time}, ${formatNumber(ratio)} x`;
}

/** What the figures of WebGPU are to reach: so many times as fast as the best other. */
const ON_WEBGPU: Readonly<Record<string, number>> = {
  W1_1024: 1.2,
  W2: 1.4,
  W2b: 1.4,
  W2c: 1.4,
  W3: 2.5,
  W4: 2.5,
  W5: 2.5,
};

const OURS_ON_WEBGPU = "tapegrad-webgpu@node";

/** Times of those that ran on WebGPU, and what was reached; undefined where we did not. */
export function webgpuTable(results: Results): string | undefined {
  const others = results.names.filter((name) => {
    return name.includes("webgpu") && name !== OURS_ON_WEBGPU;
  });
  if (!results.names.includes(OURS_ON_WEBGPU) || others.length === 0) return undefined;
  const rows = results.works.map((work) => {
    const time = (name: string): number => results.cell(name, work)?.time ?? Infinity;
    const ratio = Math.min(...others.map(time)) / time(OURS_ON_WEBGPU), reach = ON_WEBGPU[work];
    const reached = reach === undefined ? "" : ratio >= reach ? "yes" : "**no**";
    return [
      work,
      ...[OURS_ON_WEBGPU, ...others].map((name) => {
        return Number.isFinite(time(name)) ? formatTime(time(name)) : "";
      }),
      Number.isFinite(ratio) ? `${formatNumber(ratio)} x` : "",
      reach === undefined ? "" : `${formatNumber(reach)} x`,
      reached,
    ];
  });
  const gpus = [...new Set(results.lines.flatMap(({ gpu }) => gpu === undefined ? [] : [gpu]))];
  const head = ["row", "tapegrad", ...others.map((name) => name.split("@")[0]!)];
  return `${table([[...head, "as fast as the best", "to reach", "reached"], ...rows])}\n\nOn ${
    gpus.join(", ")
  }, Dawn in Node.`;
}

/** Our run that a peer is compared with: as many threads, in the same place. */
export function twinOf({ host, threads }: Entry): string {
  return nameOf({ peer: `tapegrad-${threads}t`, host });
}

/** The machine, and what it can do. */
export function machineText(results: Results): string {
  const { cpu, cores, node, date } = results.machines[0]!;
  const { peak, copy, triad } = machineOf(results);
  const two = ([one, all]: readonly [number, number]) =>
    `${formatNumber(one)}, ${formatNumber(all)}`;
  const rounds = new Set(results.lines.map(({ round }) => round)).size;
  return table([
    ["what", "1 thread, all threads"],
    ["multiply-adds, SIMD, GFLOP/s", two(peak)],
    ["copy, GB/s", two(copy)],
    ["y = x + y / 2, GB/s", two(triad)],
  ]) +
    `\n\n${cores} cores of ${cpu}, ${node}, ${date.slice(0, 10)}; ${rounds} rounds.`;
}

/** Puts text between the markers `<!-- name -->` and `<!-- end -->` of a page. */
export function fill(file: string, parts: Readonly<Record<string, string>>): void {
  let page = readFileSync(file, "utf8");
  for (const [name, text] of Object.entries(parts)) {
    const start = page.indexOf(`<!-- ${name} -->`), end = page.indexOf("<!-- end -->", start);
    if (start < 0 || end < 0) {
      throw new Error(`Cannot fill in ${file}: it has no <!-- ${name} --> with an end`);
    }
    page = `${page.slice(0, start)}<!-- ${name} -->\n\n${text}\n\n${page.slice(end)}`;
  }
  writeFileSync(file, page);
}
