/**
 * Tables: one description, printed in the terminal here and as HTML by `table_html.ts`.
 *
 * @module
 */
import { escapeTerminal } from "./escape.ts";
import { formatCount, formatDuration, numberParts, type Parts, percentParts } from "./format.ts";
import type { Spread } from "./format.ts";
import type { Estimate } from "./statistics.ts";

/** How the numbers of a column read. Text stands left, everything else right. */
export type ColumnKind = "text" | "number" | "count" | "percent" | "duration";

/** One column. */
export interface Column {
  /** The head, with the unit where the cells do not print it. */
  readonly head: string;
  /** What the cells hold: shares in 0..1 for "percent", seconds for "duration". */
  readonly kind: ColumnKind;
  /** Decimals of "number" (default: four significant digits) and "percent" (default 1). */
  readonly digits?: number;
  /** Whether the HTML draws shares as bars behind the numbers. Default false. */
  readonly bar?: boolean;
}

/** What a cell holds; null prints as a dash, text is allowed in every column. */
export type Cell = string | number | Estimate | Spread | null;

/** A table. */
export interface Table {
  /** What the table shows, above it. */
  readonly caption?: string;
  /** The columns; the first one names the rows. */
  readonly columns: readonly Column[];
  /** The rows, one cell for each column. */
  readonly rows: readonly (readonly Cell[])[];
  /** Remarks below the table, a line each. */
  readonly notes?: readonly string[];
}

const GAP = "   ";

/** The text of every cell. Throws when a row does not have one cell for each column. */
export function formatCells(table: Table): readonly (readonly Parts[])[] {
  const { columns } = table;
  return table.rows.map((row, index) => {
    if (row.length !== columns.length) {
      throw new RangeError(
        `Cannot format table: row ${index} has ${row.length} cells, ` +
          `it must have one for each of the ${columns.length} columns`,
      );
    }
    return columns.map((column, at) => formatCell(row[at] ?? null, column));
  });
}

/** The table as lines of plain text, as wide as its content, without a line break at the end. */
export function formatTable(table: Table): string {
  const cells = formatCells(table).map((row) =>
    row.map(({ main, extra }) => {
      return { main: escapeTerminal(main), extra };
    })
  );
  const columns = table.columns.map(({ head, kind }, at) => {
    const parts = cells.map((row) => row[at] ?? { main: "", extra: "" });
    const body = alignParts(parts, kind === "text");
    const text = escapeTerminal(head);
    const width = Math.max(displayWidth(text), ...body.map(displayWidth));
    return [text, ...body].map((it) => pad(it, width, kind === "text"));
  });
  const lines = [...table.rows.keys(), table.rows.length].map((line) => {
    return columns.map((column) => column[line]).join(GAP).trimEnd();
  });
  const rule = "─".repeat(Math.max(0, ...lines.map(displayWidth)));
  const caption = table.caption === undefined ? [] : [escapeTerminal(table.caption), ""];
  const notes = table.notes === undefined ? [] : ["", ...table.notes.map(escapeTerminal)];
  return [...caption, lines[0] ?? "", rule, ...lines.slice(1), ...notes].join("\n");
}

function formatCell(cell: Cell, { kind, digits }: Column): Parts {
  if (cell === null) return { main: "–", extra: "" };
  if (typeof cell === "string") return { main: cell, extra: "" };
  if (kind === "percent") return percentParts(cell, digits);
  if (typeof cell === "number") {
    if (kind === "count") return { main: formatCount(cell), extra: "" };
    if (kind === "duration") return { main: formatDuration(cell), extra: "" };
  }
  return numberParts(cell, digits);
}

/** Values end in one column and intervals begin in one, whatever their lengths. */
function alignParts(parts: readonly Parts[], left: boolean): string[] {
  const main = Math.max(0, ...parts.map((it) => displayWidth(it.main)));
  const extra = Math.max(0, ...parts.map((it) => displayWidth(it.extra)));
  return parts.map((it) => pad(it.main, main, left) + pad(it.extra, extra, true));
}

function pad(text: string, width: number, left: boolean): string {
  const space = " ".repeat(Math.max(0, width - displayWidth(text)));
  return left ? text + space : space + text;
}

const MARK = /\p{Mn}|\p{Me}|\u200b|\u200d|\ufe0f/u;
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Columns of the terminal that the text takes: marks take none, East Asian letters two. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += MARK.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}
