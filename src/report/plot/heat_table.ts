/**
 * Tables of numbers with their size as colour: confusion matrices, attacks against networks.
 *
 * @module
 */
import { formatCount, formatPercent } from "../format.ts";
import { blend, contrast, LIGHT } from "../theme.ts";
import { type Attributes, drawing, element, estimateWidth, FONT_SIZE, hint, label } from "./svg.ts";
import type { Size } from "./svg.ts";

/** A table of numbers. */
export interface HeatTable {
  /** What it shows, above it. */
  readonly title: string;
  /** What the rows are. */
  readonly rowTitle: string;
  /** What the columns are. */
  readonly columnTitle: string;
  /** Names of the rows. */
  readonly rows: readonly string[];
  /** Names of the columns. */
  readonly columns: readonly string[];
  /** The numbers, a list for each row: counts, or shares in 0..1. NaN leaves a cell empty. */
  readonly values: readonly (readonly number[])[];
  /** How the numbers read. Default "count". */
  readonly format?: "count" | "percent";
  /**
   * What the deepest colour stands for: the sum of the row, as in a confusion matrix whose classes
   * differ in size, or 1. Default "row" for counts and "one" for percent.
   */
  readonly deepest?: "row" | "one";
  /** Whether the diagonal holds right answers and the rest mistakes, in two colours. Default false. */
  readonly diagonal?: boolean;
}

const CELL_HEIGHT = 30;
/** Ground of an empty cell: so much of the line colour. */
const GROUND = 0.4;

/** Draws the table as SVG. */
export function heatTable(table: HeatTable): string {
  checkSizes(table);
  const { title, rowTitle, columnTitle, rows, columns, values } = table;
  const texts = values.map((row) => row.map((value) => cellText(table, value)));
  const cellWidth = Math.max(
    34,
    14 + Math.max(...[...columns, ...texts.flat()].map(estimateWidth)),
  );
  const left = 28 + Math.max(...[...rows, `${rowTitle} ↓`].map(estimateWidth));
  const top = 86;
  const size: Size = {
    width: Math.max(left + columns.length * cellWidth + 16, estimateWidth(title) * 1.3 + 32),
    height: top + rows.length * CELL_HEIGHT + 16,
  };
  const heads = columns.map((name, column) => {
    const x = left + (column + 0.5) * cellWidth;
    return label(name, { x, y: top - 8, "text-anchor": "middle", class: "tg-ink" });
  });
  const body = rows.map((name, row) => {
    const y = top + row * CELL_HEIGHT;
    const place = { x: left - 8, y: y + CELL_HEIGHT / 2 + FONT_SIZE * 0.36 };
    const cells = columns.map((column, at) => {
      const text = texts[row]?.[at] ?? "";
      const box = { x: left + at * cellWidth, y, width: cellWidth - 1, height: CELL_HEIGHT - 1 };
      const hintText = `${rowTitle} ${name}, ${columnTitle} ${column}: ${text}`;
      return cell(text, box, {
        fill: fillOf(table, row, at),
        depth: depthOf(table, row, at),
        hint: hintText,
      });
    });
    return label(name, { ...place, "text-anchor": "end", class: "tg-ink" }) + cells.join("");
  });
  const muted = { class: "tg-muted" };
  return drawing(
    size,
    `${title}. Table of ${rowTitle} (rows) against ${columnTitle} (columns).`,
    label(title, { x: 16, y: 26, class: "tg-ink", "font-weight": 600, "font-size": 15 }),
    label(`${columnTitle} →`, { ...muted, x: left + 4, y: top - 30 }),
    label(`${rowTitle} ↓`, { ...muted, x: left - 8, y: top - 8, "text-anchor": "end" }),
    ...heads,
    ...body,
  );
}

function cell(
  text: string,
  box: Size & { readonly x: number; readonly y: number },
  look: { readonly fill: string; readonly depth: number; readonly hint: string },
): string {
  const { fill, depth } = look;
  const ground = { class: "tg-line", fill: "currentColor", "fill-opacity": GROUND };
  const colour = blend(blend(LIGHT.paper, LIGHT.line, GROUND), fill, depth);
  // White also stands out on these fills over dark paper, where the ink is nearly white anyway.
  const onFill = contrast(colour, LIGHT.ink) < contrast(colour, "#ffffff");
  const ink: Attributes = onFill
    ? { fill: "#ffffff" }
    : { class: depth === 0 ? "tg-muted" : "tg-ink" };
  return element("rect", { ...box, ...ground, rx: 2 }) +
    element("rect", { ...box, fill, "fill-opacity": depth, rx: 2 }, hint(look.hint)) +
    label(text, {
      x: box.x + box.width / 2,
      y: box.y + CELL_HEIGHT / 2 + FONT_SIZE * 0.36,
      "text-anchor": "middle",
      "pointer-events": "none",
      ...ink,
    });
}

function cellText({ format = "count" }: HeatTable, value: number): string {
  if (Number.isNaN(value)) return "";
  return format === "count" ? formatCount(value) : formatPercent(value);
}

/** One set of fills for light and dark paper: deep enough for white text on them. */
function fillOf({ diagonal = false }: HeatTable, row: number, column: number): string {
  if (!diagonal) return LIGHT.accent;
  return row === column ? LIGHT.right : LIGHT.wrong;
}

function depthOf(table: HeatTable, row: number, column: number): number {
  const values = table.values[row] ?? [];
  const value = values[column] ?? NaN;
  const deepest = table.deepest ?? (table.format === "percent" ? "one" : "row");
  const full = deepest === "one" ? 1 : values.reduce((sum, it) => sum + (it || 0), 0);
  // One mistake among a thousand must still be seen.
  return full > 0 && value > 0 ? Math.min(1, 0.08 + 0.92 * value / full) : 0;
}

function checkSizes({ title, rows, columns, values }: HeatTable): void {
  const fits = values.length === rows.length &&
    values.every((row) => row.length === columns.length);
  if (fits && rows.length > 0 && columns.length > 0) return;
  const sizes = values.map((row) => row.length).join(", ");
  throw new RangeError(
    `Cannot draw table "${title}": its rows hold [${sizes}] numbers, ` +
      `there must be ${rows.length} rows of ${columns.length}`,
  );
}
