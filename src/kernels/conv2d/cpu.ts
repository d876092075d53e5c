/**
 * What the convolutions ask of the cpu: see cpu.as.ts for how they work.
 *
 * @module
 */
import type { CpuProgram, Spec } from "../kernel.ts";
import { type Window, windowCount } from "../window.ts";
import {
  type Conv2dInputGradParams,
  type Conv2dParams,
  type Conv2dSizes,
  conv2dSizes,
  inputGradSizes,
} from "./sizes.ts";

/** Most steps along k that a panel of weights holds at once, as in the matrix product. */
const DEPTH = 512;
/** Pixels of a task at most: their list lies in scratch memory. */
const PIXELS = 1000;
/** Pixels that are enough to make use of a panel in the cache. */
const ENOUGH_PIXELS = 256;
/** Bytes of the part of the images that a task copies: a part of a second-level cache. */
const COPY_BYTES = 192 * 1024;
/** The most that scratch memory has room for. */
const MOST_COPY_BYTES = 1000 * 1024;
/** Work that is worth a task of its own. */
const TASK_FLOPS = 1.5e6;
/** As many tasks as keep the threads of a large machine busy to the end. */
const MOST_TASKS = 64;
/** Most words of a call, with room for addresses. */
const MOST_WORDS = 1000;
/** Most stretches of a window, see STARTS in cpu.as.ts. */
const MOST_STRETCHES = 2000;

/** Outputs along an axis that see the same taps: tap `i` lies `first + i step` from the output. */
export interface Phase {
  readonly outputs: number;
  /** The taps, as they lie in the weights. */
  readonly taps: readonly number[];
  readonly first: number;
  readonly step: number;
}

/** Something that convolves: along each axis its phases, and places from output to output. */
export interface Axis {
  readonly phases: readonly Phase[];
  readonly kernel: number;
  /** Places of the input from one output of a phase to the next. */
  readonly stride: number;
  /** Places of the output from one output of a phase to the next. */
  readonly spacing: number;
  readonly size: number;
  readonly outSize: number;
}

/** The axis of a convolution: one phase. */
function forwardAxis(window: Window): Axis {
  const { size, kernel, stride, padding, dilation } = window;
  const outSize = windowCount(window);
  const taps = Array.from({ length: kernel }, (_, k) => k);
  const phase: Phase = { outputs: outSize, taps, first: -padding, step: dilation };
  return { phases: [phase], kernel, stride, spacing: 1, size, outSize };
}

/** The axis of an input gradient: a phase for every place modulo the stride. */
function backwardAxis(window: Window): Axis {
  const { size, kernel, stride, padding, dilation } = window;
  const phases = Array.from({ length: stride }, (_, place): Phase => {
    const taps: number[] = [];
    for (let k = kernel - 1; k >= 0; k--) {
      if ((place + padding - k * dilation) % stride === 0) taps.push(k);
    }
    const offsets = taps.map((k) => (place + padding - k * dilation) / stride);
    const outputs = Math.max(0, Math.ceil((size - place) / stride));
    const [first = 0, second = first + 1] = offsets;
    return { outputs, taps, first, step: second - first };
  });
  return { phases, kernel, stride: 1, spacing: stride, size: windowCount(window), outSize: size };
}

/** The lowest and the highest offset of an axis. */
function reach({ phases }: Axis): readonly [low: number, high: number] {
  const used = phases.filter(({ taps }) => taps.length > 0);
  const low = Math.min(...used.map(({ first }) => first));
  const high = Math.max(...used.map(({ first, step, taps }) => first + (taps.length - 1) * step));
  return [low, high];
}

/** Taps of the phases before each. */
function before({ phases }: Axis): number[] {
  let sum = 0;
  return phases.map(({ taps }) => (sum += taps.length) - taps.length);
}

/** What convolve is told about the phases of an axis. */
function phaseWords(axis: Axis): number[] {
  const sums = before(axis);
  return axis.phases.flatMap(({ outputs, taps, first, step }, i) => {
    return [outputs, taps.length, first, step, sums[i]!, axis.kernel];
  });
}

/** For each tap: taps of phases before its own, taps of its own, its place there. */
function order(axis: Axis): number[] {
  const sums = before(axis);
  const words = new Array<number>(3 * axis.kernel).fill(0);
  axis.phases.forEach(({ taps }, phase) => {
    taps.forEach((tap, place) => words.splice(3 * tap, 3, sums[phase]!, taps.length, place));
  });
  return words;
}

/** A convolution with weights [KH, KW, rows, columns], `turned` where channels swap roles. */
interface Task {
  readonly sizes: Conv2dSizes;
  readonly axes: readonly [h: Axis, w: Axis];
  readonly turned: boolean;
}

/** The same number of equal parts, but as small as they can be. */
function even(size: number, most: number): number {
  return Math.ceil(size / Math.ceil(size / Math.max(1, Math.min(size, most))));
}

/** The program of a convolution or an input gradient; undefined where scratch memory is too small. */
function program({ sizes, axes, turned }: Task): CpuProgram | undefined {
  const { N, KH, KW, Cin, Cout, groups, I, O } = sizes;
  const [channels, outChannels] = turned ? [Cout, Cin] : [Cin, Cout];
  const [part, outPart] = turned ? [O, I] : [I, O];
  const [h, w] = axes;
  if (N * outChannels * h.outSize * w.outSize === 0) return { calls: [] };
  const [lowH, highH] = reach(h), [lowW, highW] = reach(w);
  const most = (axis: Axis): number => Math.max(...axis.phases.map(({ outputs }) => outputs));
  const [high, wide] = [most(h), most(w)];
  const staged = [h, w].some((axis) => {
    const [low, top] = reach(axis);
    return low < 0 || (most(axis) - 1) * axis.stride + top >= axis.size;
  });
  const bytes = (rows: number, columns: number): number => {
    const lines = (rows - 1) * h.stride + highH - lowH + 1;
    return lines * ((columns - 1) * w.stride + highW - lowW + 1) * part * 4;
  };
  // As wide as possible, then as high, then as many images as are worth it.
  let blockW = even(wide, PIXELS);
  while (blockW > 1 && bytes(1, blockW) > COPY_BYTES) blockW = Math.ceil(blockW / 2);
  let blockH = even(high, PIXELS / blockW);
  while (blockH > 1 && bytes(blockH, blockW) > COPY_BYTES) blockH = Math.ceil(blockH / 2);
  const wholes = blockH === high && blockW === wide;
  const room = Math.min(ENOUGH_PIXELS / (blockH * blockW), COPY_BYTES / bytes(blockH, blockW));
  let blockN = wholes ? even(N, Math.floor(room)) : 1;
  if (staged && bytes(blockH, blockW) > MOST_COPY_BYTES) return undefined;

  const phases = h.phases.length * w.phases.length, panels = Math.ceil(outPart / 8);
  const flops = 2 * N * h.outSize * w.outSize * outPart * part * KH * KW * groups / phases;
  const wanted = Math.min(MOST_TASKS, flops / TASK_FLOPS);
  const tasksOf = (): number => {
    return Math.ceil(N / blockN) * Math.ceil(high / blockH) * Math.ceil(wide / blockW) * groups;
  };
  if (tasksOf() * phases < wanted && blockN > 1) blockN = even(N, Math.floor(blockN / 2));
  while (tasksOf() * phases < wanted && blockH * blockW > 64 && blockH > 1) {
    blockH = Math.ceil(blockH / 2);
  }
  const parts = Math.max(1, Math.min(panels, Math.floor(wanted / (tasksOf() * phases))));
  const blockP = Math.ceil(panels / parts);

  const words = [
    N,
    h.size,
    w.size,
    channels,
    h.outSize,
    w.outSize,
    outChannels,
    groups,
    h.stride,
    w.stride,
    h.spacing,
    w.spacing,
    h.phases.length,
    w.phases.length,
    lowH,
    lowW,
    highH,
    highW,
    blockN,
    blockH,
    blockW,
    blockP,
    Math.ceil(high / blockH),
    Math.ceil(wide / blockW),
    Number(staged),
    DEPTH,
    KH * KW,
    ...phaseWords(h),
    ...phaseWords(w),
  ];
  const chunk = Math.ceil(
    groups * panels / Math.max(1, groups * panels * KH * KW * part * 8 / 32768),
  );
  const packWords = [KH, KW, I, Cout, groups, Number(turned), chunk, ...order(h), ...order(w)];
  if (Math.max(words.length, packWords.length) > MOST_WORDS || KH * KW > MOST_STRETCHES) {
    return undefined;
  }
  return {
    scratch: [{ shape: [groups, panels, KH * KW * part, 8], dtype: "f32" }],
    calls: [
      {
        entry: "convolvePack",
        tasks: Math.ceil(groups * panels / chunk),
        operands: [1, 3],
        words: packWords,
      },
      {
        entry: "convolve",
        tasks: tasksOf() * phases * Math.ceil(panels / blockP),
        operands: [0, 3, 2],
        words,
      },
    ],
  };
}

/** y = x * w. */
export function conv2dCpu([x, w]: readonly Spec[], params: Conv2dParams): CpuProgram | undefined {
  const sizes = conv2dSizes(x!, w!, params);
  const [h, v] = sizes.windows;
  return program({ sizes, axes: [forwardAxis(h), forwardAxis(v)], turned: false });
}

/** The gradient of x. */
export function inputGradCpu(
  [g, w]: readonly Spec[],
  params: Conv2dInputGradParams,
): CpuProgram | undefined {
  const sizes = inputGradSizes(g!, w!, params);
  const [h, v] = sizes.windows;
  return program({ sizes, axes: [backwardAxis(h), backwardAxis(v)], turned: true });
}
