/**
 * One line of a line chart.
 *
 * @module
 */
import { area, line } from "d3-shape";
import type { Scale } from "./axis.ts";
import { marker, seriesClass, seriesStroke } from "./series.ts";
import { element, hint, segment } from "./svg.ts";

/** A measured point. */
export interface Point {
  /** Place on the horizontal axis, in its unit. */
  readonly x: number;
  /** Place on the vertical axis, in its unit; NaN leaves a gap. */
  readonly y: number;
  /** Lower end of the interval of y, in its unit. Default none. */
  readonly low?: number;
  /** Upper end of the interval of y, in its unit. Default none. */
  readonly high?: number;
}

/** A line. */
export interface Series {
  /** What it shows. */
  readonly name: string;
  /** Its points from left to right. */
  readonly points: readonly Point[];
  /** Number of its colour, dash and marker, so that one thing looks alike in all plots. Default: its place. */
  readonly style?: number;
}

/** How and where a series is drawn. */
export interface SeriesPlace {
  /** Number of its colour, dash and marker. */
  readonly style: number;
  /** The horizontal axis. */
  readonly x: Scale;
  /** The vertical axis. */
  readonly y: Scale;
}

/** The line with its markers and intervals: bars on few points, a band behind many. */
export function drawSeries(
  { name, points }: Series,
  { style, x, y }: SeriesPlace,
  options: { readonly markers: boolean },
): string {
  const path = line<Point>((p) => x.place(p.x), (p) => y.place(p.y))
    .defined((p) => Number.isFinite(p.y)).digits(2)(points);
  const stroke = element("path", { d: path ?? "", ...seriesStroke(style) });
  if (!options.markers) return band(points, { style, x, y }) + stroke;
  const marks = points.filter((point) => Number.isFinite(point.y)).map((point) => {
    const interval = hasInterval(point) ? ` (${y.text(point.low)} to ${y.text(point.high)})` : "";
    const text = `${name} at ${x.text(point.x)}: ${y.text(point.y)}${interval}`;
    return errorBar(point, { style, x, y }) +
      marker(style, x.place(point.x), y.place(point.y), hint(text));
  });
  return stroke + marks.join("");
}

function band(points: readonly Point[], { style, x, y }: SeriesPlace): string {
  const path = area<Point>((p) => x.place(p.x), (p) => y.place(p.low ?? p.y))
    .y1((p) => y.place(p.high ?? p.y))
    .defined(hasInterval).digits(2)(points);
  const paint = { fill: "currentColor", "fill-opacity": 0.16, class: seriesClass(style) };
  return path === null || path === "" ? "" : element("path", { d: path, ...paint });
}

function errorBar(point: Point, { style, x, y }: SeriesPlace): string {
  if (!hasInterval(point)) return "";
  const at = x.place(point.x);
  const [low, high] = [y.place(point.low), y.place(point.high)];
  const paint = { class: seriesClass(style), "stroke-width": 1.5 };
  return segment([at, low], [at, high], paint) + segment([at - 4, low], [at + 4, low], paint) +
    segment([at - 4, high], [at + 4, high], paint);
}

/** Whether a point has both ends of an interval. */
export function hasInterval(point: Point): point is Required<Point> {
  return Number.isFinite(point.low) && Number.isFinite(point.high);
}
