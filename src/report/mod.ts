/**
 * Reports: tables, plots, picture grids and one HTML page of them, from plain numbers to text and
 * bytes. Nothing here knows tensors or files.
 *
 * @module
 */
export {
  type AdversarialGridOptions,
  commonScale,
  drawAdversarialGrid,
  type Example,
  type Verdict,
} from "./adversarial_grid.ts";
export {
  formatCount,
  formatDuration,
  formatEstimate,
  formatNumber,
  formatPercent,
  formatSpread,
  type Spread,
} from "./format.ts";
export { drawGrid, type GridCell, type GridOptions, type GridRow, type Line } from "./grid.ts";
export { type PictureGrid, type Tone } from "./grid.ts";
export { renderReport } from "./html.ts";
export type { Image } from "./image.ts";
export { type Axis } from "./plot/axis.ts";
export { type HeatTable, heatTable } from "./plot/heat_table.ts";
export { type Histogram, histogram, type Sample } from "./plot/histogram.ts";
export { type LineChart, lineChart, type Reference } from "./plot/line_chart.ts";
export type { Point, Series } from "./plot/line_series.ts";
export { encodePng } from "./png.ts";
export type { Block, Fact, KeyFigure, Report, Section } from "./report.ts";
export { type Estimate, wilson } from "./statistics.ts";
export { type Cell, type Column, type ColumnKind, formatTable, type Table } from "./table.ts";
export { DARK, LIGHT, type Theme } from "./theme.ts";
