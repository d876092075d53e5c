/**
 * A convolution or an input gradient along one axis: its outputs fall into phases, which differ in
 * the taps that they see.
 *
 * @module
 */
import { type Window, windowCount } from "../window.ts";

/** Outputs that see the same taps: tap i lies `first + i step` places from the output. */
interface Phase {
  readonly outputs: number;
  /** The taps, as they lie in the weights. */
  readonly taps: readonly number[];
  readonly first: number;
  readonly step: number;
}

/** One axis. */
export interface Axis {
  readonly phases: readonly Phase[];
  /** Taps of all phases together. */
  readonly kernel: number;
  /** Places of the input from one output of a phase to the next. */
  readonly stride: number;
  /** Places of the output from one output of a phase to the next. */
  readonly spacing: number;
  /** Places of the input, and of the output. */
  readonly size: number;
  readonly outSize: number;
  /** Outputs of the longest phase. */
  readonly longest: number;
  /** The lowest and the highest offset of a tap. */
  readonly low: number;
  readonly high: number;
}

/** Adds what follows from the phases. */
function withReach(axis: Omit<Axis, "longest" | "low" | "high">): Axis {
  const used = axis.phases.filter(({ taps }) => taps.length > 0);
  return {
    ...axis,
    longest: Math.max(...axis.phases.map(({ outputs }) => outputs)),
    low: Math.min(...used.map(({ first }) => first)),
    high: Math.max(...used.map(({ first, step, taps }) => first + (taps.length - 1) * step)),
  };
}

/** The axis of a convolution: one phase. */
export function forwardAxis(window: Window): Axis {
  const { size, kernel, stride, padding, dilation } = window;
  const outSize = windowCount(window);
  const taps = Array.from({ length: kernel }, (_, k) => k);
  const phases = [{ outputs: outSize, taps, first: -padding, step: dilation }];
  return withReach({ phases, kernel, stride, spacing: 1, size, outSize });
}

/**
 * The axis of an input gradient: output i sees window (i + padding - k dilation) / stride through tap
 * k, where that is whole. So there is a phase for every place modulo the stride.
 */
export function backwardAxis(window: Window): Axis {
  const { size, kernel, stride, padding, dilation } = window;
  const phases = Array.from({ length: stride }, (_, place): Phase => {
    const offset = (k: number): number => (place + padding - k * dilation) / stride;
    const taps: number[] = [];
    for (let k = kernel - 1; k >= 0; k--) if (Number.isInteger(offset(k))) taps.push(k);
    const [first = 0, second = first + 1] = taps.map(offset);
    return {
      outputs: Math.max(0, Math.ceil((size - place) / stride)),
      taps,
      first,
      step: second - first,
    };
  });
  const outSize = size;
  return withReach({
    phases,
    kernel,
    stride: 1,
    spacing: stride,
    size: windowCount(window),
    outSize,
  });
}
