import type { HostOperand } from "../kernel.ts";
import type { BatchNormGradParams, BatchNormParams } from "./kernel.ts";

/** Mean, then the mean of the squared distances from it: no difference of large numbers. */
export function statistics(
  { data: x }: HostOperand,
  [mean, variance]: readonly [HostOperand, HostOperand],
): void {
  const channels = mean.data.length, n = x.length / channels;
  const sums = new Float64Array(channels), squares = new Float64Array(channels);
  for (let at = 0; at < x.length; at += channels) {
    for (let c = 0; c < channels; c++) sums[c] = sums[c]! + x[at + c]!;
  }
  for (let c = 0; c < channels; c++) sums[c] = sums[c]! / n;
  for (let at = 0; at < x.length; at += channels) {
    for (let c = 0; c < channels; c++) squares[c] = squares[c]! + (x[at + c]! - sums[c]!) ** 2;
  }
  for (let c = 0; c < channels; c++) {
    mean.data[c] = sums[c]!;
    variance.data[c] = squares[c]! / n;
  }
}

/** 1 / sqrt(variance + epsilon). */
function reciprocalDeviation(variance: HostOperand, { epsilon }: BatchNormParams): Float64Array {
  return Float64Array.from(variance.data, (value) => 1 / Math.sqrt(value + epsilon));
}

/** y = (x - mean) r scale + shift. */
export function apply(
  [x, scale, shift, mean, variance]: readonly HostOperand[],
  y: HostOperand,
  params: BatchNormParams,
): void {
  const from = x!.data, to = y.data, m = mean!.data, b = shift!.data;
  const a = reciprocalDeviation(variance!, params).map((r, c) => r * scale!.data[c]!);
  const channels = a.length;
  for (let at = 0; at < from.length; at += channels) {
    for (let c = 0; c < channels; c++) to[at + c] = (from[at + c]! - m[c]!) * a[c]! + b[c]!;
  }
}

/** dshift = sum of g, dscale = sum of g (x - mean) r. */
export function sums(
  [g, x, mean, variance]: readonly HostOperand[],
  [dshift, dscale]: readonly [HostOperand, HostOperand],
  params: BatchNormParams,
): void {
  const gs = g!.data, xs = x!.data, m = mean!.data, r = reciprocalDeviation(variance!, params);
  const channels = r.length;
  const plain = new Float64Array(channels), weighted = new Float64Array(channels);
  for (let at = 0; at < gs.length; at += channels) {
    for (let c = 0; c < channels; c++) {
      plain[c] = plain[c]! + gs[at + c]!;
      weighted[c] = weighted[c]! + gs[at + c]! * (xs[at + c]! - m[c]!);
    }
  }
  dshift.data.set(plain);
  dscale.data.set(weighted.map((sum, c) => sum * r[c]!));
}

/** dx = scale r g, in training less dshift / n + z dscale / n inside of g. */
export function inputGrad(
  [g, scale, variance, x, mean, dshift, dscale]: readonly HostOperand[],
  dx: HostOperand,
  params: BatchNormGradParams,
): void {
  const gs = g!.data, to = dx.data, r = reciprocalDeviation(variance!, params);
  const channels = r.length, n = gs.length / channels;
  const a = r.map((value, c) => value * scale!.data[c]!);
  if (!params.training) {
    for (let at = 0; at < gs.length; at += channels) {
      for (let c = 0; c < channels; c++) to[at + c] = gs[at + c]! * a[c]!;
    }
    return;
  }
  const xs = x!.data, m = mean!.data;
  const level = Float64Array.from(dshift!.data, (sum) => sum / n);
  const slope = Float64Array.from(dscale!.data, (sum, c) => sum / n * r[c]!);
  for (let at = 0; at < gs.length; at += channels) {
    for (let c = 0; c < channels; c++) {
      to[at + c] = a[c]! * (gs[at + c]! - level[c]! - (xs[at + c]! - m[c]!) * slope[c]!);
    }
  }
}
