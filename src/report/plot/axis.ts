/**
 * Axes: from values to places, with ticks and titles.
 *
 * @module
 */
import { scaleLinear, scaleLog } from "d3-scale";
import { formatNumber } from "../format.ts";
import { label, segment } from "./svg.ts";

/** One axis of a plot. */
export interface Axis {
  /** What it shows, with the unit unless the ticks print it: "length of the perturbation (L2)". */
  readonly label: string;
  /** Equal steps for equal differences or for equal ratios. Default "linear". */
  readonly scale?: "linear" | "log";
  /** Whether ticks print shares in 0..1 as percent. Default "number". */
  readonly format?: "number" | "percent";
  /** Ends of the axis, in the unit of the values. Default: from the values. */
  readonly domain?: readonly [number, number];
  /** Values that carry a tick. Default: about five round ones. */
  readonly ticks?: readonly number[];
}

/** An axis laid out. */
export interface Scale {
  /** The place of a value, in CSS pixels. */
  readonly place: (value: number) => number;
  /** The values that carry a tick. */
  readonly ticks: readonly number[];
  /** The text of a value. */
  readonly text: (value: number) => string;
}

/** Where the axes stand, in CSS pixels. */
export interface Frame {
  /** Left end of the horizontal axis. */
  readonly left: number;
  /** Right end of the horizontal axis. */
  readonly right: number;
  /** Upper end of the vertical axis. */
  readonly top: number;
  /** Lower end of the vertical axis. */
  readonly bottom: number;
}

/** Where the ends of an axis stand. */
export interface Span {
  /** The places of the lower and the upper end, in CSS pixels. */
  readonly range: readonly [number, number];
  /** Whether ends that come from the values move out to round numbers. Default false. */
  readonly round?: boolean;
}

/** The scale of an axis for these values. */
export function makeScale(axis: Axis, values: readonly number[], span: Span): Scale {
  const [low, high] = axis.domain ?? extent(axis, values);
  if (!Number.isFinite(low) || !Number.isFinite(high) || low === high) {
    throw new RangeError(
      `Cannot draw axis "${axis.label}": its ends are ${low} and ${high}, they must be two numbers`,
    );
  }
  if (axis.scale === "log" && !(low > 0 && high > 0)) {
    throw new RangeError(
      `Cannot draw axis "${axis.label}": it is logarithmic and ends at ${low} and ${high}, ` +
        `both must be positive`,
    );
  }
  const make = axis.scale === "log" ? scaleLog : scaleLinear;
  const scale = make([low, high], span.range);
  if (span.round === true && axis.domain === undefined && axis.scale !== "log") scale.nice(6);
  return {
    place: (value) => scale(value),
    ticks: axis.ticks ?? (axis.scale === "log" ? logTicks(low, high) : scale.ticks(6)),
    text: (value) => axis.format === "percent" ? percentTick(value) : formatNumber(value),
  };
}

/** Ends of an axis for these values: from 0 where they come near it, else from the smallest. */
export function extent(axis: Axis, values: readonly number[]): readonly [number, number] {
  const finite = values.filter((value) => Number.isFinite(value));
  if (finite.length === 0) return [0, 1];
  const low = finite.reduce((a, b) => Math.min(a, b));
  const high = finite.reduce((a, b) => Math.max(a, b));
  if (axis.scale === "log") return low === high ? [low / 2, high * 2] : [low, high];
  const from = low > 0 && low < high / 2 ? 0 : low;
  return from === high ? [from - 0.5, high + 0.5] : [from, high];
}

/** The vertical axis: grid lines, their values left of them, the title above. */
export function verticalAxis(axis: Axis, scale: Scale, frame: Frame): string {
  const ticks = scale.ticks.map((tick) => {
    const y = scale.place(tick);
    return segment([frame.left, y], [frame.right, y], { class: "tg-line" }) +
      label(scale.text(tick), {
        x: frame.left - 8,
        y: y + 4.5,
        "text-anchor": "end",
        class: "tg-muted",
      });
  });
  return ticks.join("") + label(axis.label, { x: 16, y: frame.top - 16, class: "tg-muted" });
}

/** The horizontal axis: a line with ticks, their values under it, the title under them. */
export function horizontalAxis(axis: Axis, scale: Scale, frame: Frame): string {
  const { left, right, bottom } = frame;
  const ticks = scale.ticks.map((tick) => {
    const x = scale.place(tick);
    return segment([x, bottom], [x, bottom + 5], { class: "tg-muted" }) +
      label(scale.text(tick), {
        x,
        y: bottom + 20,
        "text-anchor": "middle",
        class: "tg-muted",
      });
  });
  return segment([left, bottom], [right, bottom], { class: "tg-muted" }) + ticks.join("") +
    label(axis.label, {
      x: (left + right) / 2,
      y: bottom + 42,
      "text-anchor": "middle",
      class: "tg-muted",
    });
}

/** Powers of ten; their doubles and fives too where the axis spans less than two of them. */
function logTicks(low: number, high: number): readonly number[] {
  const steps = high / low < 100 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    ticks.push(...steps.map((step) => Number(`${step}e${power}`)));
  }
  return ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
}

function percentTick(share: number): string {
  return `${formatNumber(share * 100)} %`;
}
