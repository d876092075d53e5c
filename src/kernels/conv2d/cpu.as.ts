/**
 * Convolution and its input gradient on the cpu, as a matrix product that is never laid out.
 *
 * A row of A belongs to one output pixel: the inputs its window sees, tap by tap. Where images lie
 * N, H, W, C these are stretches of neighbouring numbers, at the same distances for every pixel: a
 * list of stretches and the address of the first pixel say all that `sweep` needs. So that no window
 * reaches past the edge, a task first copies its part of the images with zeros around.
 *
 * The input gradient is a convolution of g with the turned weights. With a stride, pixels fall into
 * phases that see different taps; each is a convolution of its own with stride 1.
 */
import { int, pointer } from "../assembly/arguments.as";
import { scratch } from "../assembly/thread.as";
import { sweep } from "../matmul/cpu.as";
import { dots } from "../matmul/cpu_dots.as";
import { blend } from "./cpu_depthwise.as";
import { stage } from "./cpu_stage.as";
import { winogradOutputs } from "./cpu_winograd.as";

// Words after the addresses, see cpu.ts.
const KIND = 0,
  IMAGES = 1,
  HEIGHT = 2,
  WIDTH = 3,
  CHANNELS = 4,
  OUT_HEIGHT = 5,
  OUT_WIDTH = 6,
  OUT_CHANNELS = 7,
  GROUPS = 8,
  STRIDE_H = 9,
  STRIDE_W = 10,
  SPACING_H = 11,
  SPACING_W = 12,
  PHASES_H = 13,
  PHASES_W = 14,
  LOW_H = 15,
  LOW_W = 16,
  HIGH_H = 17,
  HIGH_W = 18,
  KERNEL_H = 19,
  KERNEL_W = 20,
  STAGED = 21,
  DEPTH = 22,
  BLOCK_N = 23,
  BLOCK_H = 24,
  BLOCK_W = 25,
  BLOCK_P = 26,
  BLOCKS_H = 27,
  BLOCKS_W = 28,
  PHASES = 29;

// Words of a phase along an axis: outputs, taps, the offset of the first, from one to the next,
// taps of the phases before.
const OUTPUTS = 0, TAPS = 1, FIRST = 2, STEP = 3, BEFORE = 4, PHASE_WORDS = 5;

/** How the product is done other than with panels of 8 columns. */
export const FEW_COLUMNS = 1, DEPTHWISE = 2, WINOGRAD = 3;

/** In scratch memory: where pixels begin, at most 1024; where stretches begin; the copy. */
const STARTS: usize = 8192, COPY: usize = 16384;

/** Bytes from one image, line and pixel to the next: of what is read, and of y. */
let image: usize = 0, line: usize = 0, pixel: usize = 0;
let outImage: usize = 0, outLine: usize = 0, outPixel: usize = 0;

/** Lists where pixels begin, in the images and in y, in groups of four. Gives the groups. */
function listPixels(words: usize, images: i32, high: i32, wide: i32): i32 {
  const stepA = <usize> int(words, STRIDE_W) * pixel,
    stepC = <usize> int(words, SPACING_W) * outPixel;
  const lineA = <usize> int(words, STRIDE_H) * line,
    lineC = <usize> int(words, SPACING_H) * outLine;
  let at = scratch;
  for (let i: i32 = 0; i < images; i++) {
    for (let j: i32 = 0; j < high; j++) {
      let a = <usize> i * image + <usize> j * lineA, c = <usize> i * outImage + <usize> j * lineC;
      for (let k: i32 = 0; k < wide; k++, at += 8, a += stepA, c += stepC) {
        store<u32>(at, <u32> a);
        store<u32>(at, <u32> c, 4);
      }
    }
  }
  const groups = (images * high * wide + 3) >> 2;
  const end = scratch + (<usize> groups << 5);
  for (; at < end; at += 8) store<u64>(at, load<u64>(at - 8));
  return groups;
}

/** Lists where the stretches of a window begin: each tap, or the taps of a line in one. */
function listStretches(words: usize, alongH: usize, alongW: usize, joined: bool): i32 {
  const perLine = joined ? min(1, int(alongW, TAPS)) : int(alongW, TAPS);
  const top = int(alongH, FIRST) - int(words, LOW_H), left = int(alongW, FIRST) - int(words, LOW_W);
  let at = scratch + STARTS;
  for (let i: i32 = 0; i < int(alongH, TAPS); i++) {
    const from = <usize> (top + i * int(alongH, STEP)) * line;
    for (let j: i32 = 0; j < perLine; j++, at += 4) {
      store<u32>(at, <u32> (from + <usize> (left + j * int(alongW, STEP)) * pixel));
    }
  }
  return <i32> (at - scratch - STARTS >> 2);
}

/**
 * y of a block of images, rows and columns, in one phase, and a block of its channels. Phases and
 * blocks of channels are innermost, so that the copy of a block serves all of them.
 */
export function convolve(address: usize, first: i32, last: i32): void {
  const words = address + 12;
  if (int(words, KIND) === WINOGRAD) {
    winogradOutputs(address, first, last);
    return;
  }
  const height = int(words, HEIGHT), width = int(words, WIDTH), channels = int(words, CHANNELS);
  const outHeight = int(words, OUT_HEIGHT), outWidth = int(words, OUT_WIDTH);
  const outChannels = int(words, OUT_CHANNELS), groups = int(words, GROUPS);
  const strideH = int(words, STRIDE_H), strideW = int(words, STRIDE_W);
  const phasesH = int(words, PHASES_H), phasesW = int(words, PHASES_W);
  const lowH = int(words, LOW_H), lowW = int(words, LOW_W), kernelW = int(words, KERNEL_W);
  const staged = int(words, STAGED) !== 0, depth = int(words, DEPTH), kind = int(words, KIND);
  const blockN = int(words, BLOCK_N), blockH = int(words, BLOCK_H), blockW = int(words, BLOCK_W);
  const blockP = int(words, BLOCK_P),
    blocksH = int(words, BLOCKS_H),
    blocksW = int(words, BLOCKS_W);
  const x = pointer(address, 0), w = pointer(address, 1), y = pointer(address, 2);
  const part = channels / groups, outPart = outChannels / groups;
  const panels = kind === FEW_COLUMNS ? 1 : (outPart + 7) >> 3;
  const blocksP = (panels + blockP - 1) / blockP, phases = phasesH * phasesW;
  const taps = int(words, KERNEL_H) * kernelW;
  const rows = (blockH - 1) * strideH + int(words, HIGH_H) - lowH + 1;
  const columns = (blockW - 1) * strideW + int(words, HIGH_W) - lowW + 1;
  const wholePixel = <usize> channels << 2, wholeImage = <usize> height * width * wholePixel;
  pixel = staged ? <usize> part << 2 : wholePixel;
  line = pixel * (staged ? columns : width);
  image = line * (staged ? rows : height);
  outPixel = <usize> outChannels << 2;
  outLine = outPixel * outWidth;
  outImage = outLine * outHeight;
  const starts = scratch + STARTS, copy = scratch + COPY;
  let copied: i32 = -1, listedN: i32 = 0, listedH: i32 = 0, listedW: i32 = 0, fours: i32 = 0;
  for (let task = first; task < last; task++) {
    const block = task / (phases * blocksP), rest = task % (phases * blocksP);
    const phase = rest / blocksP, begin = rest % blocksP * blockP;
    const phaseH = phase / phasesW, phaseW = phase % phasesW;
    const alongH = words + (<usize> (PHASES + phaseH * PHASE_WORDS) << 2);
    const alongW = words + (<usize> (PHASES + (phasesH + phaseW) * PHASE_WORDS) << 2);
    const group = block % groups, place = block / groups;
    const left = place % blocksW * blockW, top = place / blocksW % blocksH * blockH;
    const n = place / (blocksW * blocksH) * blockN;
    const images = min(blockN, int(words, IMAGES) - n);
    const high = min(blockH, int(alongH, OUTPUTS) - top);
    const wide = min(blockW, int(alongW, OUTPUTS) - left);
    if (high <= 0 || wide <= 0) continue;

    const inTop = top * strideH + lowH, inLeft = left * strideW + lowW;
    const from = x + <usize> n * wholeImage + (<usize> (group * part) << 2);
    let a = copy;
    if (!staged) {
      a = from + <usize> inTop * line + <usize> inLeft * pixel;
    } else if (copied !== block) {
      for (let i: i32 = 0; i < images; i++) {
        const to = copy + <usize> i * image, source = from + <usize> i * wholeImage;
        stage(to, source, height, width, wholePixel, pixel, inTop, inLeft, rows, columns);
      }
      copied = block;
    }
    if (listedN !== images || listedH !== high || listedW !== wide) {
      fours = listPixels(words, images, high, wide);
      listedN = images, listedH = high, listedW = wide;
    }
    const tapsW = int(alongW, TAPS);
    const joined = int(alongW, STEP) === 1 && pixel === <usize> part << 2 &&
      tapsW * part <= depth && kind !== DEPTHWISE;
    const length = joined ? tapsW * part : part;
    const runs = part === 0 ? 0 : listStretches(words, alongH, alongW, joined);

    // Weights lie phase by phase.
    const before = int(alongH, BEFORE) * kernelW + int(alongH, TAPS) * int(alongW, BEFORE);
    const c = y + <usize> n * outImage + <usize> (phaseH + top * int(words, SPACING_H)) * outLine +
      <usize> (phaseW + left * int(words, SPACING_W)) * outPixel + (<usize> (group * outPart) << 2);
    const end = min(begin + blockP, panels);
    if (kind === DEPTHWISE) {
      const step = <usize> panels << 5, weights = w + <usize> before * step;
      for (let panel = begin; panel < end; panel++) {
        const offset = <usize> panel << 5, count = min(8, outPart - (panel << 3));
        blend(scratch, fours, a + offset, starts, runs, weights + offset, step, c + offset, count);
      }
      continue;
    }
    const most = length > 0 ? max(1, depth / length) : 1;
    for (let run: i32 = 0; run === 0 || run < runs; run += most) {
      const some = min(most, runs - run), at = starts + (<usize> run << 2);
      const step = <usize> before * part + <usize> run * length, more = run > 0;
      if (kind === FEW_COLUMNS) {
        const column = <usize> (taps * part) << 2;
        const b = w + <usize> (group * outPart) * column + (step << 2);
        dots(scratch, fours, a, at, some, length, b, column, c, 4, outPart, more);
        continue;
      }
      for (let panel = begin; panel < end; panel++) {
        const b = w + (<usize> ((group * panels + panel) * taps) * part + step << 5);
        const to = c + (<usize> panel << 5), count = min(8, outPart - (panel << 3));
        sweep(scratch, fours, a, at, some, length, b, 32, to, count, more);
      }
    }
  }
}
