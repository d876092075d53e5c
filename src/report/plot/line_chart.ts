/**
 * Line charts: accuracy against eps with its intervals, training curves.
 *
 * @module
 */
import { type Axis, type Frame, horizontalAxis, makeScale, type Scale } from "./axis.ts";
import { verticalAxis } from "./axis.ts";
import { drawSeries, hasInterval, type Series } from "./line_series.ts";
import { endLabels, endLabelsWidth, legend } from "./series.ts";
import { drawing, estimateWidth, label, segment } from "./svg.ts";

/** A straight line that marks a value, such as the accuracy of guessing. */
export interface Reference {
  /** The axis that the value is on. */
  readonly axis: "x" | "y";
  /** The value, in the unit of the axis. */
  readonly value: number;
  /** What the value is. */
  readonly label: string;
}

/** A line chart. */
export interface LineChart {
  /** What it shows, above it. */
  readonly title: string;
  /** The horizontal axis. */
  readonly x: Axis;
  /** The vertical axis. */
  readonly y: Axis;
  /** The lines. */
  readonly series: readonly Series[];
  /** Values to mark. Default none. */
  readonly references?: readonly Reference[];
  /** Names at the ends of the lines, or above the plot. Default "direct" for up to six short names. */
  readonly names?: "direct" | "legend";
  /** Width in CSS pixels. Default 860. */
  readonly width?: number;
  /** Height in CSS pixels. Default 420. */
  readonly height?: number;
}

/** A line chart with its places. */
interface Laid {
  readonly x: Scale;
  readonly y: Scale;
  readonly frame: Frame;
}

/** Longer lines carry no markers, and their intervals are bands. */
const MANY_POINTS = 20;

/** Draws the chart as SVG; intervals are bars on single points and bands on long lines. */
export function lineChart(chart: LineChart): string {
  const { width = 860, height = 420, title, series } = chart;
  const points = series.flatMap((it) => it.points);
  const names = series.map(({ name }) => name);
  const beside = endLabelsWidth(names);
  const few = series.length <= 6 && beside < width * 0.4;
  const direct = (chart.names ?? (few ? "direct" : "legend")) === "direct";
  const entries = series.map(({ name, style }, at) => ({ name, style: style ?? at }));
  const markers = points.length / Math.max(1, series.length) <= MANY_POINTS;
  const key = legend(direct ? [] : entries, { x: 16, y: 50, width: width - 32, markers });
  const top = direct ? 66 : 72 + key.height;
  const bottom = height - 56;

  const measured = points.flatMap(({ y, low = y, high = y }) => [y, low, high]);
  // Shares are seen against all and nothing, or a small fall would look like a large one.
  const whole = chart.y.format === "percent" && chart.y.scale !== "log";
  const tall = whole ? [0, 1, ...measured] : measured;
  const y = makeScale(chart.y, tall, { range: [bottom, top], round: true });
  const left = 24 + Math.max(0, ...y.ticks.map((tick) => estimateWidth(y.text(tick))));
  const right = width - (direct ? beside : 24);
  const x = makeScale(chart.x, points.map((point) => point.x), {
    range: [left + 8, right - 8],
  });
  const laid = { x, y, frame: { left, right, top, bottom } };

  const asideOf = asides(series, markers);
  const places = entries.map(({ style }, at) => {
    const aside = asideOf[at] ?? 0;
    return { style, x: { ...x, place: (value: number) => x.place(value) + aside }, y };
  });
  const ends = series.flatMap(({ name, points }, at) => {
    const last = points.findLast((point) => Number.isFinite(point.y));
    const place = places[at];
    if (last === undefined || place === undefined) return [];
    return [{ name, style: place.style, x: place.x.place(last.x), y: y.place(last.y) }];
  });
  return drawing(
    { width, height },
    `${title}. Line chart of ${chart.y.label} against ${chart.x.label}: ${names.join(", ")}.`,
    label(title, { x: 16, y: 26, class: "tg-ink", "font-weight": 600, "font-size": 15 }),
    key.markup,
    verticalAxis(chart.y, y, laid.frame),
    horizontalAxis(chart.x, x, laid.frame),
    ...(chart.references ?? []).map((reference) => referenceLine(reference, laid)),
    ...series.map((it, at) => drawSeries(it, places[at] ?? { style: at, x, y }, { markers })),
    direct ? endLabels(ends, right, [top, bottom]) : "",
  );
}

/**
 * How far each series stands aside, in CSS pixels: where bars would hide each other, series share
 * the room of a few pixels around the true place.
 */
function asides(series: readonly Series[], markers: boolean): readonly number[] {
  const barred = series.filter(({ points }) => points.some(hasInterval));
  if (!markers || barred.length < 2) return [];
  const step = Math.min(4, 14 / (series.length - 1));
  return series.map((_, at) => (at - (series.length - 1) / 2) * step);
}

function referenceLine({ axis, value, label: text }: Reference, { x, y, frame }: Laid): string {
  const paint = { class: "tg-muted", "stroke-dasharray": "3 4" };
  if (axis === "y") {
    const at = y.place(value);
    return segment([frame.left, at], [frame.right, at], paint) +
      label(text, { x: frame.left + 8, y: at - 6, class: "tg-muted" });
  }
  const at = x.place(value);
  return segment([at, frame.top], [at, frame.bottom], paint) +
    label(text, { x: at + 6, y: frame.top + 10, class: "tg-muted" });
}
