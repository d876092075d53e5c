/**
 * Results for the terminal.
 *
 * @module
 */
import { isQuiet } from "../machine/gauge.ts";
import { formatNumber, formatShare, formatTime } from "../harness/format.ts";
import { twinOf } from "./markdown.ts";
import { entryOf } from "./plan.ts";
import type { Results } from "./results.ts";
import { peakShare, TARGETS } from "./targets.ts";

/** Every work with all peers: median of the rounds, their span, and how they stand to ours. */
export function resultLines(results: Results): readonly string[] {
  return results.works.flatMap((work) => [
    "",
    TARGETS.find((target) => target.work === work)?.what.replace(/^/, `${work}: `) ?? work,
    ...results.names.flatMap((name) => lineOf(results, name, work)),
  ]);
}

function lineOf(results: Results, name: string, work: string): readonly string[] {
  const cell = results.cell(name, work);
  if (cell === undefined) {
    const failed = results.lines.find((line) => {
      return `${line.peer}@${line.host}` === name && line.work === work;
    });
    return failed === undefined ? [] : [`  ${name.padEnd(30)} ${failed.status}: ${failed.error}`];
  }
  const span = `${formatTime(Math.min(...cell.times))} to ${formatTime(Math.max(...cell.times))}`;
  const twin = twinOf(entryOf(name));
  const ratio = name === twin ? undefined : results.speedup(twin, name, work);
  const share = name.startsWith("tapegrad") && name.endsWith("@node") && cell.gflops !== undefined
    ? peakShare(results, name, work)
    : undefined;
  return [
    [
      `  ${name.padEnd(30)}`,
      formatTime(cell.time).padStart(9),
      `(${span})`.padStart(24),
      (cell.gflops === undefined ? "" : `${formatNumber(cell.gflops)} GFLOP/s`).padStart(16),
      (share === undefined ? "" : `${formatShare(share)} of the peak`).padStart(18),
      (ratio === undefined ? "" : `${formatNumber(ratio)} x ours`).padStart(14),
      results.agrees(cell) ? "" : `  CHECK DIFFERS: ${cell.check}`,
    ].join(" ").trimEnd(),
  ];
}

/** A warning when the machine was not quiet. */
export function noiseLines({ machines }: Results): readonly string[] {
  const busy = machines.filter(({ peak, threads }) => !isQuiet(peak, threads));
  if (busy.length === 0) return [];
  return [
    `Before ${busy.length} of ${machines.length} groups of turns something else ran on the ` +
    "machine (its threads did not add up): measure again, or with --wait",
  ];
}

/** The figures to reach. */
export function reachLines(results: Results): readonly string[] {
  return TARGETS.map(({ work, reach, judge }) => {
    const found = judge(results).map(({ text, reached }) =>
      reached === false ? `NO: ${text}` : text
    );
    return `${work.padEnd(9)} ${found.join(", ")}  (${reach})`;
  });
}
