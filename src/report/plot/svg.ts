/**
 * Pieces of SVG. Everything that comes from outside is escaped here and nowhere else.
 *
 * @module
 */
import { escapeHtml } from "../escape.ts";
import { DARK, LIGHT, type Theme } from "../theme.ts";

/** Attributes of an element; numbers are written with two decimals at most. */
export type Attributes = Readonly<Record<string, string | number>>;

/** Size of a drawing. */
export interface Size {
  /** Width in CSS pixels. */
  readonly width: number;
  /** Height in CSS pixels. */
  readonly height: number;
}

/** Size of the text in CSS pixels. */
export const FONT_SIZE = 13;

/** Share of its size that a drawing keeps on a narrow page. */
const SMALLEST = 0.75;

/** One element around markup that is already safe. */
export function element(
  name: string,
  attributes: Attributes,
  ...content: readonly string[]
): string {
  const pairs = Object.entries(attributes).map(([key, value]) => {
    return ` ${key}="${typeof value === "number" ? decimal(value) : escapeHtml(value)}"`;
  });
  return `<${name}${pairs.join("")}>${content.join("")}</${name}>`;
}

/** Text at a place, in the colour of its class. */
export function label(text: string, attributes: Attributes): string {
  return element("text", { fill: "currentColor", ...attributes }, escapeHtml(text));
}

/** What a pointer shows when it rests on an element; goes inside of it. */
export function hint(text: string): string {
  return element("title", {}, escapeHtml(text));
}

/** A straight line in the colour of its class. */
export function segment(from: readonly number[], to: readonly number[], rest: Attributes): string {
  const [x1 = 0, y1 = 0] = from;
  const [x2 = 0, y2 = 0] = to;
  return element("line", { x1, y1, x2, y2, stroke: "currentColor", ...rest });
}

/** A whole drawing, for a page or for a file of its own; `description` is for who cannot see it. */
export function drawing(size: Size, description: string, ...content: readonly string[]): string {
  const { width, height } = size;
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${decimal(width)} ${decimal(height)}`,
      width,
      height,
      // Shrunk further the text would be too small to read; the page scrolls the drawing instead.
      style: `min-width:${decimal(width * SMALLEST)}px`,
      class: "tg-plot",
      role: "img",
      "aria-label": description,
      "font-family": "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', Arial, sans-serif",
      "font-size": FONT_SIZE,
    },
    `<style>${STYLE}</style>`,
    element("rect", { width, height, fill: "currentColor", class: "tg-paper" }),
    ...content,
  );
}

/** About the width in CSS pixels of a text in a wide font; only a browser could measure it. */
export function estimateWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    width += /[iljtfrI.,:;!|'()[\] ]/.test(character)
      ? 0.38
      : /[mwMW%@—\u2e80-\uffff]/.test(character)
      ? 0.98
      : /[A-Z]/.test(character)
      ? 0.73
      : 0.62;
  }
  return width * FONT_SIZE;
}

/** Elements draw with currentColor, so one class of colours serves strokes and fills. */
const STYLE = `${colours(LIGHT)}@media screen and (prefers-color-scheme:dark){${colours(DARK)}}`;

function colours({ series, ...named }: Theme): string {
  return [...Object.entries(named), ...series.map((colour, at) => [at, colour])]
    .map(([name, colour]) => `.tg-plot .tg-${name}{color:${colour}}`)
    .join("");
}

function decimal(value: number): string {
  return String(Number(value.toFixed(2)));
}
