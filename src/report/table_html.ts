/**
 * Tables as HTML, with the same numbers as in the terminal.
 *
 * @module
 */
import { escapeHtml } from "./escape.ts";
import type { Parts } from "./format.ts";
import { type Cell, type Column, formatCells, type Table } from "./table.ts";

/** The table as HTML: the first cell of a row is its head, numbers stand right. */
export function tableHtml(table: Table): string {
  const cells = formatCells(table);
  const widths = table.columns.map((_, at) => {
    return Math.max(0, ...cells.map((row) => row[at]?.extra.length ?? 0));
  });
  const caption = table.caption === undefined
    ? ""
    : `<caption>${escapeHtml(table.caption)}</caption>`;
  const head = table.columns.map((column) => {
    return `<th scope="col"${numeric(column)}>${escapeHtml(column.head)}</th>`;
  });
  const body = cells.map((row, line) => {
    const inner = row.map((parts, at) => {
      const column = table.columns[at];
      const content = cellContent(parts, widths[at] ?? 0);
      if (column === undefined) return "";
      if (at === 0) return `<th scope="row"${numeric(column)}>${content}</th>`;
      return `<td${numeric(column)}${bar(table.rows[line]?.[at] ?? null, column)}>${content}</td>`;
    });
    return `<tr>${inner.join("")}</tr>`;
  });
  const notes = (table.notes ?? []).map((note) => `<p class="notes">${escapeHtml(note)}</p>`);
  return `<div class="scroll" tabindex="0"><table>${caption}<thead><tr>${
    head.join("")
  }</tr></thead>` +
    `<tbody>${body.join("\n")}</tbody></table></div>${notes.join("")}`;
}

function numeric(column: Column): string {
  return column.kind === "text" ? "" : ` class="number"`;
}

/** The interval gets one width for the whole column, so that the values before it stay in line. */
function cellContent({ main, extra }: Parts, width: number): string {
  const value = escapeHtml(main);
  if (width === 0) return value;
  return `${value}<span class="extra" style="min-width:${width}ch">${escapeHtml(extra)}</span>`;
}

function bar(cell: Cell, column: Column): string {
  if (column.bar !== true || column.kind !== "percent" || cell === null) return "";
  const share = typeof cell === "object" ? cell.value : cell;
  if (typeof share !== "number" || !Number.isFinite(share)) return "";
  const percent = Math.min(100, Math.max(0, share * 100)).toFixed(1);
  return ` style="--share:${percent}%" data-bar`;
}
