/**
 * Plots of rates against sizes.
 *
 * @module
 */
// Not by the door: behind it are pictures, too, which need Node.
import type { Axis } from "../../src/report/plot/axis.ts";
import { lineChart, type Reference } from "../../src/report/plot/line_chart.ts";
import type { Point, Series } from "../../src/report/plot/line_series.ts";
import type { DeviceFacts, WorkReport } from "../harness/json.ts";

/** A curve of the page. */
export interface Curve {
  /** As the points of works name it. */
  readonly name: string;
  readonly title: string;
  /** What sizes are. */
  readonly sizes: string;
}

/** The curves, in order. */
export const CURVES: readonly Curve[] = [
  { name: "matmul", title: "Matrix product", sizes: "rows and columns of both matrices" },
  { name: "conv2d", title: "Convolution 3x3", sizes: "channels in and out, 16 images 32x32" },
];

/** Rows of one run. */
export interface Run {
  readonly devices: readonly DeviceFacts[];
  readonly works: readonly Pick<WorkReport, "point" | "outcomes">[];
  /** What is said after the names of its devices: "earlier". Default nothing. */
  readonly suffix?: string;
}

/** CSS pixels below which the names of two lines do not fit side by side. */
const NARROW = 420;

/** Devices that make a line; the reference device is there to check. */
function isDrawn({ backend }: DeviceFacts): boolean {
  return backend !== "reference";
}

/** What readers call a device. */
export function shortName({ backend, software, threads }: DeviceFacts): string {
  if (backend === "webgpu") return software === true ? "WebGPU in software" : "GPU";
  if (backend !== "cpu") return backend;
  return threads === undefined ? "CPU" : `CPU, ${threads} thread${threads === 1 ? "" : "s"}`;
}

/** The curve as SVG, `width` CSS pixels wide; undefined while nothing of it is measured. */
export function drawCurve(curve: Curve, runs: readonly Run[], width: number): string | undefined {
  const series = runs.flatMap((run) => seriesOf(curve, run));
  if (series.length === 0) return undefined;
  const points = series.flatMap((it) => it.points);
  const peaks = runs.filter(({ suffix }) => suffix === undefined)
    .flatMap(({ devices }) => devices.flatMap(peakOf));
  // Where names stand one below the other, the lines keep their room.
  const extra = width < NARROW ? 20 * (series.length - 1) : 0;
  return lineChart({
    title: curve.title,
    x: {
      label: curve.sizes,
      scale: "log",
      ticks: [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b),
    },
    y: {
      label: "GFLOP/s",
      scale: "log",
      ...rateAxis([...points.map(({ y }) => y), ...peaks.map(({ value }) => value)]),
    },
    series,
    references: peaks,
    names: "legend",
    width,
    height: Math.round(Math.min(420, Math.max(320, width * 0.62))) + extra,
  });
}

/** Where a device has its ceiling. */
function peakOf(device: DeviceFacts): readonly Reference[] {
  if (device.limits === undefined) return [];
  return [{ axis: "y", value: device.limits.peak, label: `peak of ${shortName(device)}` }];
}

function seriesOf({ name }: Curve, { devices, works, suffix }: Run): readonly Series[] {
  return devices.filter(isDrawn).flatMap((device) => {
    const points = works.flatMap(({ point, outcomes }): Point[] => {
      const outcome = outcomes[device.name];
      if (point?.curve !== name || outcome?.kind !== "measured") return [];
      return outcome.gflops > 0 ? [{ x: point.size, y: outcome.gflops }] : [];
    }).sort((a, b) => a.x - b.x);
    if (points.length === 0) return [];
    const title = suffix === undefined ? shortName(device) : `${shortName(device)}, ${suffix}`;
    return [{ name: title, points, style: styleOf(device, suffix !== undefined) }];
  });
}

/** One device looks alike in all plots, whichever others are there. */
function styleOf({ backend, threads }: DeviceFacts, earlier: boolean): number {
  const kind = backend === "webgpu" ? 0 : threads === 1 ? 4 : 1;
  // Another colour and another dash for the same device of an earlier run.
  return earlier ? kind === 4 ? 5 : kind + 2 : kind;
}

/** Two powers of ten and a half have room for all their ticks. */
const MANY = 300;

/** A logarithmic axis between round ends, with both ends among its ticks. */
function rateAxis(values: readonly number[]): Pick<Axis, "domain" | "ticks"> {
  // A line that is flat needs room, too.
  const low = Math.min(...values) * 0.95, high = Math.max(...values) * 1.05;
  const steps = high / low < MANY ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    ticks.push(...steps.map((step) => Number(`${step}e${power}`)));
  }
  const first = ticks.findLastIndex((tick) => tick <= low);
  const last = ticks.findIndex((tick) => tick >= high);
  return { domain: [ticks[first]!, ticks[last]!], ticks: ticks.slice(first, last + 1) };
}
