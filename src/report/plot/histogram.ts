/**
 * Histograms.
 *
 * @module
 */
import { type Axis, extent, horizontalAxis, makeScale, verticalAxis } from "./axis.ts";
import { legend, seriesClass, seriesStroke } from "./series.ts";
import { drawing, element, estimateWidth, label } from "./svg.ts";

/** Values of one kind. */
export interface Sample {
  /** What they are. */
  readonly name: string;
  /** The values, in the unit of the horizontal axis. */
  readonly values: ArrayLike<number>;
  /** Number of its colour and dash. Default: its place. */
  readonly style?: number;
}

/** A histogram. */
export interface Histogram {
  /** What it shows, above it. */
  readonly title: string;
  /** The axis of the values. */
  readonly x: Axis;
  /** What is counted: "test pictures". */
  readonly unit: string;
  /** The samples, drawn over each other. */
  readonly samples: readonly Sample[];
  /** Number of bins. Default 20. */
  readonly bins?: number;
  /** Width in CSS pixels. Default 860. */
  readonly width?: number;
  /** Height in CSS pixels. Default 340. */
  readonly height?: number;
}

/** Draws the histogram as SVG: shares of each sample, so that samples of unlike size compare. */
export function histogram(chart: Histogram): string {
  const { width = 860, height = 340, title, samples, bins = 20 } = chart;
  const domain = chart.x.domain ??
    extent(chart.x, samples.flatMap(({ values }) => [...from(values)]));
  const edges = Array.from({ length: bins + 1 }, (_, at) => {
    return domain[0] + (domain[1] - domain[0]) * at / bins;
  });
  const shares = samples.map(({ values }) => {
    return countBins(values, edges).map((count) => count / Math.max(1, values.length));
  });
  const entries = samples.map(({ name, style }, at) => ({ name, style: style ?? at }));
  const key = legend(entries, { x: 16, y: 50, width: width - 32, markers: false });
  const top = 72 + key.height;
  const bottom = height - 56;
  const yAxis: Axis = {
    label: `share of ${chart.unit}`,
    format: "percent",
  };
  const y = makeScale(yAxis, [0, ...shares.flat()], { range: [bottom, top], round: true });
  const left = 24 + Math.max(0, ...y.ticks.map((tick) => estimateWidth(y.text(tick))));
  const frame = { left, right: width - 24, top, bottom };
  const x = makeScale({ ...chart.x, domain }, [], { range: [left + 8, frame.right - 8] });
  const outlines = shares.map((sample, index) => {
    const style = entries[index]?.style ?? index;
    const steps = sample.map((share, at) => {
      const height = y.place(share).toFixed(2);
      return `V${height}H${x.place(edges[at + 1] ?? 0).toFixed(2)}`;
    });
    const start = `${x.place(domain[0]).toFixed(2)},${bottom}`;
    const path = `M${start}${steps.join("")}V${bottom}`;
    const paint = { fill: "currentColor", "fill-opacity": 0.14, class: seriesClass(style) };
    return element("path", { d: `${path}Z`, ...paint }) +
      element("path", { d: path, ...seriesStroke(style) });
  });
  return drawing(
    { width, height },
    `${title}. Histogram of ${chart.x.label}: ${samples.map(({ name }) => name).join(", ")}.`,
    label(title, { x: 16, y: 26, class: "tg-ink", "font-weight": 600, "font-size": 15 }),
    key.markup,
    verticalAxis(yAxis, y, frame),
    horizontalAxis(chart.x, x, frame),
    ...outlines,
  );
}

/** How many values lie between each two edges; a value on an inner edge counts to its right. */
export function countBins(values: ArrayLike<number>, edges: readonly number[]): number[] {
  const bins = edges.length - 1;
  const counts = new Array<number>(bins).fill(0);
  const [low = 0, high = low] = [edges[0], edges[bins]];
  for (const value of from(values)) {
    if (!(value >= low && value <= high)) {
      throw new RangeError(
        `Cannot count ${value}: it lies outside of the bins, all values must be in ${low}..${high}`,
      );
    }
    let bin = Math.min(bins - 1, Math.floor((value - low) / (high - low) * bins));
    // The division rounds; the edges decide.
    if (value < (edges[bin] ?? low)) bin--;
    else if (bin < bins - 1 && value >= (edges[bin + 1] ?? high)) bin++;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

function from(values: ArrayLike<number>): readonly number[] {
  return Array.from(values);
}
