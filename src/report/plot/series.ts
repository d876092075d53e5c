/**
 * How the series of a plot are told apart: by colour, by dash and by marker, and by their names.
 *
 * @module
 */
import { symbol, symbolCircle, symbolCross, symbolDiamond, symbolSquare } from "d3-shape";
import { symbolStar, symbolTriangle } from "d3-shape";
import { LIGHT } from "../theme.ts";
import { type Attributes, element, estimateWidth, label, segment } from "./svg.ts";

/** A name and the place where its line ends. */
export interface LineEnd {
  /** Name of the series. */
  readonly name: string;
  /** Number of its style. */
  readonly style: number;
  /** End of the line, in CSS pixels. */
  readonly x: number;
  /** End of the line, in CSS pixels. */
  readonly y: number;
}

const DASHES = ["none", "8 4", "2.5 3", "10 3 2.5 3", "16 4", "5 2.5"];
const MARKERS = [
  symbolCircle,
  symbolSquare,
  symbolTriangle,
  symbolDiamond,
  symbolCross,
  symbolStar,
];
const LABEL_HEIGHT = 17;
const LEADER = 20;
const SAMPLE = 30;
/** How much wider bold letters are. */
const BOLD = 1.1;

/** Class that sets the colour of a series. */
export function seriesClass(style: number): string {
  return `tg-${style % LIGHT.series.length}`;
}

/** Stroke of a series. Colours repeat after six series; dash and marker then differ from the first six. */
export function seriesStroke(style: number): Attributes {
  const round = Math.floor(style / LIGHT.series.length);
  return {
    class: seriesClass(style),
    stroke: "currentColor",
    "stroke-width": 2.25,
    "stroke-linejoin": "round",
    "stroke-dasharray": DASHES[(style + round) % DASHES.length] ?? "none",
    fill: "none",
  };
}

/** The marker of a series at a place, in CSS pixels. */
export function marker(style: number, x: number, y: number, ...content: string[]): string {
  const round = Math.floor(style / LIGHT.series.length);
  const shape = MARKERS[(style + round) % MARKERS.length] ?? symbolCircle;
  return element(
    "path",
    {
      d: symbol(shape, 46).digits(2)() ?? "",
      transform: `translate(${x.toFixed(2)},${y.toFixed(2)})`,
      fill: "currentColor",
      class: seriesClass(style),
    },
    ...content,
  );
}

/** CSS pixels that the names of the series need beside the plot. */
export function endLabelsWidth(names: readonly string[]): number {
  return Math.max(0, ...names.map(estimateWidth)) * BOLD + LEADER + 14;
}

/** The names of the series beside the ends of their lines, moved apart where they would overlap. */
export function endLabels(
  ends: readonly LineEnd[],
  x: number,
  room: readonly [number, number],
): string {
  const order = [...ends].sort((a, b) => a.y - b.y);
  const places = spread(order.map(({ y }) => y), room, LABEL_HEIGHT);
  return order.map((end, at) => {
    const y = places[at] ?? end.y;
    const leader = element("path", {
      d: `M${end.x + 7},${end.y.toFixed(2)}L${x + 4},${end.y.toFixed(2)}L${x + LEADER - 4},${
        y.toFixed(2)
      }`,
      fill: "none",
      stroke: "currentColor",
      "stroke-opacity": 0.55,
    });
    const name = label(end.name, { x: x + LEADER, y: y + 4.5, "font-weight": 600 });
    return element("g", { class: seriesClass(end.style) }, leader, name);
  }).join("");
}

/** Samples of the lines with their names, from left to right in rows of `width` CSS pixels. */
export function legend(
  entries: readonly { readonly name: string; readonly style: number }[],
  at: { readonly x: number; readonly y: number; readonly width: number; readonly markers: boolean },
): { readonly markup: string; readonly height: number } {
  let x = at.x;
  let y = at.y;
  const parts = entries.map(({ name, style }) => {
    const width = SAMPLE + 8 + estimateWidth(name) + 18;
    if (x > at.x && x + width > at.x + at.width) {
      x = at.x;
      y += 20;
    }
    const sample = segment([x, y], [x + SAMPLE, y], seriesStroke(style)) +
      (at.markers ? marker(style, x + SAMPLE / 2, y) : "");
    const text = label(name, { x: x + SAMPLE + 8, y: y + 4.5, class: "tg-ink" });
    x += width;
    return sample + text;
  });
  return { markup: parts.join(""), height: y - at.y + 20 };
}

/** Moves sorted places apart until each has `step`, within the room as far as it goes. */
export function spread(
  sorted: readonly number[],
  [top, bottom]: readonly [number, number],
  step: number,
): readonly number[] {
  const places = [...sorted];
  let floor = top;
  for (const [at, place] of places.entries()) {
    places[at] = Math.max(place, floor);
    floor = (places[at] ?? 0) + step;
  }
  let ceiling = bottom;
  for (let at = places.length - 1; at >= 0; at--) {
    places[at] = Math.min(places[at] ?? 0, ceiling);
    ceiling = (places[at] ?? 0) - step;
  }
  return places;
}
