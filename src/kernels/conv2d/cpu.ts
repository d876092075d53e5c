/**
 * What a convolution and its input gradient ask of the cpu: see cpu.as.ts for how they work.
 *
 * @module
 */
import { blockOf, blockUpTo, tasksFor } from "../cpu_tasks.ts";
import type { CpuCall, CpuProgram, Spec } from "../kernel.ts";
import { type Axis, backwardAxis, forwardAxis } from "./axes.ts";
import { orderWords, phaseWords } from "./cpu_axes.ts";
import { winogradProgram } from "./cpu_winograd.ts";
import {
  type Conv2dInputGradParams,
  type Conv2dParams,
  type Conv2dSizes,
  conv2dSizes,
  inputGradSizes,
} from "./sizes.ts";

/** Channels of a panel of weights. */
const WIDTH = 8;
/** Most steps along k that a panel holds at once, as in the matrix product. */
const DEPTH = 512;
/** Channels of a result that are too few for a panel. */
const NARROW = 4;
/** Pixels of a task at most: their list lies in scratch memory. */
const PIXELS = 1000;
/** Pixels that make good use of a panel while it is in the cache. */
const ENOUGH_PIXELS = 256;
/** Pixels below which a task is not cut further. */
const FEW_PIXELS = 64;
/** Bytes of the part of the images that a task copies: a part of a second-level cache. */
const COPY_BYTES = 192 * 1024;
/** What scratch memory has room for: a copy, and stretches of a window. */
const MOST_COPY_BYTES = 1000 * 1024, MOST_STRETCHES = 2000;
/** Most words of a call, with room for the addresses. */
const MOST_WORDS = 1000;
/** Elements of the weights that are worth a task of packing. */
const PACKED = 32768;

/** How the product is done, as cpu.as.ts knows it. */
const PANELS = 0, FEW_COLUMNS = 1, DEPTHWISE = 2;

/** A convolution along two axes with weights [KH, KW, I, Cout], whose channels swap roles if `turned`. */
interface Task {
  readonly sizes: Conv2dSizes;
  readonly axes: readonly [h: Axis, w: Axis];
  readonly turned: boolean;
}

/** The channels of a task, and the groups as cpu.as.ts knows them: depthwise is one of them. */
interface Channels {
  readonly kind: number;
  readonly groups: number;
  /** Of the input and the output, of all groups. */
  readonly inputs: number;
  readonly outputs: number;
  /** Input channels that an output sees. */
  readonly depth: number;
  /** Panels of a group. */
  readonly panels: number;
}

function channelsOf({ sizes: { Cin, Cout, I, O, groups }, turned }: Task): Channels {
  const [inputs, outputs, depth, wide] = turned ? [Cout, Cin, O, I] : [Cin, Cout, I, O];
  const common = { inputs, outputs, depth };
  if (I === 1 && O === 1 && groups > 1) {
    return { ...common, kind: DEPTHWISE, groups: 1, panels: Math.ceil(outputs / WIDTH) };
  }
  if (wide <= NARROW && depth >= 4) return { ...common, kind: FEW_COLUMNS, groups, panels: 1 };
  return { ...common, kind: PANELS, groups, panels: Math.ceil(wide / WIDTH) };
}

/** What a task makes: images, rows and columns of pixels, and panels. */
interface Blocks {
  readonly N: number;
  readonly H: number;
  readonly W: number;
  readonly P: number;
  readonly tasks: number;
}

/** Cuts the work into tasks; undefined where a copy of one pixel's window is too large. */
function blocksOf(
  task: Task,
  { groups, inputs, outputs, depth, panels }: Channels,
): Blocks | undefined {
  const { sizes: { N, KH, KW }, axes: [h, w] } = task;
  const bytes = (rows: number, columns: number): number => {
    const lines = (rows - 1) * h.stride + h.high - h.low + 1;
    return lines * ((columns - 1) * w.stride + w.high - w.low + 1) * (inputs / groups) * 4;
  };
  // As wide as there is room, then as high, then as many images.
  let W = blockUpTo(w.longest, PIXELS);
  while (W > 1 && bytes(1, W) > COPY_BYTES) W = Math.ceil(W / 2);
  let H = blockUpTo(h.longest, PIXELS / W);
  while (H > 1 && bytes(H, W) > COPY_BYTES) H = Math.ceil(H / 2);
  if (bytes(H, W) > MOST_COPY_BYTES) return undefined;
  const whole = H === h.longest && W === w.longest;
  const room = Math.min(ENOUGH_PIXELS / (H * W), COPY_BYTES / bytes(H, W));
  let images = whole ? blockUpTo(N, Math.max(1, room)) : 1;
  // Smaller where that makes too few tasks; at last, tasks share pixels and part the channels.
  const phases = h.phases.length * w.phases.length;
  const wanted = tasksFor(2 * N * h.outSize * w.outSize * outputs * depth * KH * KW);
  const tasks = (): number => {
    return Math.ceil(N / images) * Math.ceil(h.longest / H) * Math.ceil(w.longest / W) * groups *
      phases;
  };
  while (tasks() < wanted && images > 1 && images * H * W > FEW_PIXELS) {
    images = Math.ceil(images / 2);
  }
  while (tasks() < wanted && H > 1 && H * W > FEW_PIXELS) H = Math.ceil(H / 2);
  const P = blockOf(panels, Math.min(panels, Math.floor(wanted / tasks())));
  return { N: images, H, W, P, tasks: tasks() * Math.ceil(panels / P) };
}

/** The program of a convolution or an input gradient; undefined where scratch memory is too small. */
function program(task: Task): CpuProgram | undefined {
  const { sizes: { N, KH, KW, I, Cout }, axes: [h, w], turned } = task;
  const channels = channelsOf(task), { kind, groups, inputs, outputs, depth, panels } = channels;
  if (N * outputs * h.outSize * w.outSize === 0) return { calls: [] };
  const fewer = winogradProgram(task.sizes, task.axes, turned);
  if (fewer !== undefined) return fewer;
  const blocks = blocksOf(task, channels);
  // Depthwise reads eight channels at once, past the last one of a pixel.
  const staged = kind === DEPTHWISE && inputs % WIDTH !== 0 || [h, w].some((axis) => {
    return axis.low < 0 || (axis.longest - 1) * axis.stride + axis.high >= axis.size;
  });
  const images = [N, h.size, w.size, inputs, h.outSize, w.outSize, outputs, groups];
  const steps = [h.stride, w.stride, h.spacing, w.spacing, h.phases.length, w.phases.length];
  const offsets = [h.low, w.low, h.high, w.high, KH, KW, Number(staged), DEPTH];
  const chunk = blockOf(panels * groups, panels * groups * WIDTH * KH * KW * depth / PACKED);
  const order = [...orderWords(h), ...orderWords(w)], phases = [...phaseWords(h), ...phaseWords(w)];
  if (blocks === undefined || KH * KW > MOST_STRETCHES) return undefined;
  if (Math.max(order.length, phases.length) > MOST_WORDS - 50) return undefined;
  const pack: CpuCall = {
    entry: "convolvePack",
    tasks: kind === DEPTHWISE ? 1 : Math.ceil(panels * groups / chunk),
    operands: [1, 3],
    words: [kind, KH, KW, I, Cout, groups, Number(turned), chunk, ...order],
  };
  const blocksH = Math.ceil(h.longest / blocks.H), blocksW = Math.ceil(w.longest / blocks.W);
  const cuts = [blocks.N, blocks.H, blocks.W, blocks.P, blocksH, blocksW];
  const product: CpuCall = {
    entry: "convolve",
    tasks: blocks.tasks,
    operands: [0, 3, 2],
    words: [kind, ...images, ...steps, ...offsets, ...cuts, ...phases],
  };
  const width = kind === FEW_COLUMNS ? outputs / groups : WIDTH * panels;
  return {
    scratch: [{ shape: [groups, KH, KW, depth, width], dtype: "f32" }],
    calls: [pack, product],
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
