/**
 * Pictures in rows and columns with text under each, as one picture.
 *
 * @module
 */
import {
  type Canvas,
  createCanvas,
  drawImage,
  drawText,
  fillBox,
  type Position,
} from "./canvas.ts";
import { arrange, BAR, type Layout, LINE, lineWidth } from "./grid_layout.ts";
import { MARGIN, SPACE, TEXT_SCALE } from "./grid_layout.ts";
import { checkImage, type Image } from "./image.ts";
import { LIGHT, type Theme } from "./theme.ts";

/** The weight or the meaning of a text. */
export type Tone = "ink" | "muted" | "right" | "wrong";

/** A line of text under a picture. */
export interface Line {
  /** What stands at the left end. */
  readonly text: string;
  /** What stands at the right end. Default nothing. */
  readonly end?: string;
  /** Colour of both. */
  readonly tone: Tone;
}

/** One picture of a grid. */
export interface GridCell {
  /** The picture. */
  readonly image: Image;
  /** The lines under it. */
  readonly lines: readonly Line[];
  /** A bar between the picture and the lines, `share` (0..1) of it filled. Default none. */
  readonly bar?: { readonly share: number; readonly tone: Tone };
}

/** One row of a grid. */
export interface GridRow {
  /** A line above the row. Default none. */
  readonly heading?: string;
  /** The pictures from left to right; null leaves a place empty. */
  readonly cells: readonly (GridCell | null)[];
}

/** A grid of pictures. */
export interface PictureGrid {
  /** The line at the top. */
  readonly title: string;
  /** Smaller lines under the title. */
  readonly subtitle?: readonly string[];
  /** The heads of the columns. */
  readonly heads: readonly string[];
  /** The rows. */
  readonly rows: readonly GridRow[];
}

/** How a grid is drawn. */
export interface GridOptions {
  /** Pixels for a pixel of the pictures. Default: what makes the widest picture about 112 pixels wide. */
  readonly scale?: number;
  /** Rows of the grid that stand side by side. Default 1. */
  readonly across?: number;
  /** Colours. Default light. */
  readonly theme?: Theme;
}

/** Draws the grid as one picture in red, green and blue. */
export function drawGrid(grid: PictureGrid, options: GridOptions = {}): Image {
  const { theme = LIGHT } = options;
  const layout = arrange(grid, options);
  const canvas = createCanvas(layout.width, layout.height, theme.paper);
  const title = { x: MARGIN, scale: TEXT_SCALE };
  drawText(canvas, grid.title, { ...title, y: MARGIN, colour: theme.ink });
  for (const [index, line] of (grid.subtitle ?? []).entries()) {
    drawText(canvas, line, { ...title, y: MARGIN + (index + 1) * LINE, colour: theme.muted });
  }
  for (let row = 0; row < layout.across; row++) {
    for (const [column, head] of grid.heads.entries()) {
      const corner = { x: layout.columnX(row, column), y: layout.headY };
      drawText(canvas, head, { ...corner, colour: theme.muted, scale: TEXT_SCALE });
    }
  }
  for (const [index, { heading, cells }] of grid.rows.entries()) {
    const y = layout.rowY(index);
    if (heading !== undefined) {
      const corner = { x: layout.columnX(index, 0), y };
      drawText(canvas, heading, { ...corner, colour: theme.ink, scale: TEXT_SCALE });
    }
    for (const [column, cell] of cells.entries()) {
      if (cell === null) continue;
      const corner = { x: layout.columnX(index, column), y: y + layout.headingHeight };
      drawCell(canvas, cell, { ...corner, layout, theme });
    }
  }
  return canvas;
}

function drawCell(
  canvas: Canvas,
  { image, bar, lines }: GridCell,
  { x, y, layout, theme }: Position & { readonly layout: Layout; readonly theme: Theme },
): void {
  checkImage("draw picture", image);
  const { scale } = layout;
  const width = image.width * scale + 2;
  // Framed, so that a dark picture does not melt into dark paper.
  fillBox(canvas, { x, y, width, height: image.height * scale + 2 }, theme.line);
  drawImage(canvas, image, { x: x + 1, y: y + 1, scale });
  let below = y + layout.pictureHeight + SPACE;
  if (bar !== undefined) {
    const filled = Math.round(Math.min(1, Math.max(0, bar.share)) * width);
    fillBox(canvas, { x, y: below, width, height: BAR }, theme.line);
    fillBox(canvas, { x, y: below, width: filled, height: BAR }, theme[bar.tone]);
  }
  if (layout.barHeight > 0) below += layout.barHeight;
  for (const line of lines) {
    const style = { y: below, colour: theme[line.tone], scale: TEXT_SCALE };
    drawText(canvas, line.text, { ...style, x });
    if (line.end !== undefined) {
      const right = x + (lineWidth(line) <= width ? width : layout.textWidth);
      drawText(canvas, line.end, { ...style, x: right, align: "right" });
    }
    below += LINE;
  }
}
