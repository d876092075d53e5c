/**
 * Where the parts of a picture grid stand.
 *
 * @module
 */
import { LINE_HEIGHT, textWidth } from "./font.ts";
import type { GridOptions, Line, PictureGrid } from "./grid.ts";

/** Pixels for a pixel of the font. */
export const TEXT_SCALE = 2;
/** Pixels from one line of text to the next. */
export const LINE: number = (LINE_HEIGHT + 2) * TEXT_SCALE;
/** Pixels around everything. */
export const MARGIN = 20;
/** Height of a bar in pixels. */
export const BAR = 4;
/** Pixels above a bar, and above the lines under a picture. */
export const SPACE = 5;

/** Pixels between pictures, between rows, and between rows that stand side by side. */
const GAP = { column: 14, row: 16, group: 44 };

/** The measures of a grid, in pixels but `scale`. */
export interface Layout {
  /** Pixels for a pixel of the pictures. */
  readonly scale: number;
  /** Height of the tallest picture, scaled and framed. */
  readonly pictureHeight: number;
  /** Width in which the text under a picture is set. */
  readonly textWidth: number;
  /** Height that the row headings take; 0 when there is none. */
  readonly headingHeight: number;
  /** Height that the bars take with the space under them; 0 when there is none. */
  readonly barHeight: number;
  /** Left edge of a picture. */
  readonly columnX: (row: number, column: number) => number;
  /** Top of a row, where its heading stands. */
  readonly rowY: (row: number) => number;
  /** Top of the column heads. */
  readonly headY: number;
  /** Rows of the grid that stand side by side. */
  readonly across: number;
  /** Width of the whole. */
  readonly width: number;
  /** Height of the whole. */
  readonly height: number;
}

/** Measures a grid: all pictures have one scale, and all places are as large as the largest needs. */
export function arrange(grid: PictureGrid, options: GridOptions): Layout {
  const { rows, heads } = grid;
  const cells = rows.flatMap((row) => row.cells).filter((cell) => cell !== null);
  const widest = largest(cells.map(({ image }) => image.width));
  const scale = whole("scale", options.scale ?? defaultScale(widest));
  const across = Math.min(whole("across", options.across ?? 1), Math.max(1, rows.length));

  const pictureHeight = largest(cells.map(({ image }) => image.height)) * scale + 2;
  const textBlock = largest([
    widest * scale + 2,
    ...cells.flatMap(({ lines }) => lines.map(lineWidth)),
  ]);
  const cellWidth = largest([textBlock, ...heads.map(scaledWidth)]);
  const columns = largest([heads.length, ...rows.map((row) => row.cells.length)]);
  const groupWidth = columns * (cellWidth + GAP.column) - GAP.column;

  const headingHeight = rows.some(({ heading }) => heading !== undefined) ? LINE : 0;
  const barHeight = cells.some(({ bar }) => bar !== undefined) ? BAR + SPACE : 0;
  const textHeight = largest(cells.map(({ lines }) => lines.length)) * LINE;
  const rowHeight = headingHeight + pictureHeight + barHeight + SPACE + textHeight + GAP.row;

  const titles = [grid.title, ...grid.subtitle ?? []];
  const headY = MARGIN + titles.length * LINE + 8;
  const top = headY + (heads.length > 0 ? LINE : 0) + (headingHeight > 0 ? 6 : 0);
  const content = largest([
    across * (groupWidth + GAP.group) - GAP.group,
    ...titles.map(scaledWidth),
    ...rows.map((row) => scaledWidth(row.heading ?? "")),
  ]);
  return {
    scale,
    across,
    pictureHeight,
    textWidth: textBlock,
    headingHeight,
    barHeight,
    headY,
    columnX: (row, column) =>
      MARGIN + (row % across) * (groupWidth + GAP.group) + column * (cellWidth + GAP.column),
    rowY: (row) => top + Math.floor(row / across) * rowHeight,
    width: 2 * MARGIN + content,
    height: top + Math.ceil(rows.length / across) * rowHeight - GAP.row + MARGIN,
  };
}

/** The pixels that a line of text needs at least, its two ends apart. */
export function lineWidth({ text, end }: Line): number {
  return scaledWidth(text) + (end === undefined ? 0 : 6 * TEXT_SCALE + scaledWidth(end));
}

/** The scale at which pictures of this width in pixels are about 112 pixels wide. */
export function defaultScale(width: number): number {
  return Math.max(1, Math.round(112 / Math.max(1, width)));
}

function scaledWidth(text: string): number {
  return textWidth(text) * TEXT_SCALE;
}

function largest(sizes: readonly number[]): number {
  return Math.max(0, ...sizes);
}

function whole(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new RangeError(`Cannot draw grid: ${name} is ${value}, it must be a whole number from 1`);
}
