/**
 * The curve of a run: loss and accuracy against epochs.
 *
 * @module
 */
import { lineChart } from "../../report/mod.ts";
import type { LogLine } from "./folder.ts";

const series = (name: string, lines: readonly LogLine[], figure: string) => ({
  name,
  points: lines.flatMap((line) => {
    const y = line[figure];
    return y === undefined ? [] : [{ x: line.epoch, y }];
  }),
});

/** The chart of accuracy as SVG: while training, and on the test images after every epoch. */
export function accuracyChart(lines: readonly LogLine[]): string {
  return lineChart({
    title: "Accuracy",
    x: { label: "epoch" },
    y: { label: "accuracy", format: "percent" },
    series: [series("training", lines, "accuracy"), series("test", lines, "testAccuracy")]
      .filter(({ points }) => points.length > 0),
  });
}

/** The chart of the loss. */
export function lossChart(lines: readonly LogLine[]): string {
  return lineChart({
    title: "Loss, in nats",
    x: { label: "epoch" },
    y: { label: "loss" },
    series: [series("training", lines, "loss"), series("test", lines, "testLoss")]
      .filter(({ points }) => points.length > 0),
  });
}
