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
import { int, pointer } from "../../backend/cpu/assembly/arguments.as";
import { scratch } from "../../backend/cpu/assembly/thread.as";
import { sweep } from "../matmul/cpu.as";
import { packPanel, transpose } from "../matmul/cpu_pack.as";

// Words after the addresses of `convolve`, see cpu.ts.
const IMAGES = 0, HEIGHT = 1, WIDTH = 2, CHANNELS = 3, OUT_HEIGHT = 4, OUT_WIDTH = 5,
  OUT_CHANNELS = 6, GROUPS = 7, STRIDE_H = 8, STRIDE_W = 9, SPACING_H = 10, SPACING_W = 11,
  PHASES_H = 12, PHASES_W = 13, LOW_H = 14, LOW_W = 15, HIGH_H = 16, HIGH_W = 17, BLOCK_N = 18,
  BLOCK_H = 19, BLOCK_W = 20, BLOCK_P = 21, BLOCKS_H = 22, BLOCKS_W = 23, STAGED = 24, DEPTH = 25,
  TAPS = 26, PHASES = 27;

// Words of a phase along an axis: outputs, taps, the offset of the first, from one to the next,
// taps of the phases before.
const OUTPUTS = 0, TAP_COUNT = 1, FIRST = 2, STEP = 3, BEFORE = 4, TAPS_ALL = 5, PHASE_WORDS = 6;

/** In scratch memory: where pixels begin; where stretches begin; the copy of the images. */
const STARTS: usize = 8192, COPY: usize = 16384;

/** Copies whole numbers of 4 bytes. */
function copyWords(to: usize, from: usize, bytes: usize): void {
  if (bytes >= 1024) {
    memory.copy(to, from, bytes);
    return;
  }
  const end = from + bytes;
  for (; from + 16 <= end; from += 16, to += 16) v128.store(to, v128.load(from));
  for (; from < end; from += 4, to += 4) store<f32>(to, load<f32>(from));
}

/**
 * Copies the channels of a group in a part of an image, with zeros where it reaches past the edge:
 * `rows` x `columns` pixels from (top, left).
 */
function stage(
  words: usize,
  to: usize,
  image: usize,
  top: i32,
  left: i32,
  rows: i32,
  columns: i32,
): void {
  const height = int(words, HEIGHT), width = int(words, WIDTH), groups = int(words, GROUPS);
  const pixel = <usize> int(words, CHANNELS) << 2, part = pixel / groups;
  const begin = max(0, left), end = min(width, left + columns);
  const rowBytes = <usize> columns * part;
  for (let row = top; row < top + rows; row++) {
    if (row < 0 || row >= height || begin >= end) {
      memory.fill(to, 0, rowBytes);
    } else {
      const before = <usize> (begin - left) * part, bytes = <usize> (end - begin) * part;
      let from = image + (<usize> row * width + begin) * pixel, at = to + before;
      if (before > 0) memory.fill(to, 0, before);
      if (part === pixel) {
        copyWords(at, from, bytes);
      } else {
        for (let x = begin; x < end; x++) {
          copyWords(at, from, part);
          at += part;
          from += pixel;
        }
      }
      const after = rowBytes - before - bytes;
      if (after > 0) memory.fill(to + before + bytes, 0, after);
    }
    to += rowBytes;
  }
}

/**
 * y of a block of images, rows and columns, in one phase, and a block of its channels. Phases and
 * blocks of channels are innermost, so that the copy of a block serves all of them.
 */
export function convolve(address: usize, first: i32, last: i32): void {
  const words = address + 12;
  const height = int(words, HEIGHT), width = int(words, WIDTH), channels = int(words, CHANNELS);
  const outHeight = int(words, OUT_HEIGHT), outWidth = int(words, OUT_WIDTH);
  const outChannels = int(words, OUT_CHANNELS), groups = int(words, GROUPS);
  const strideH = int(words, STRIDE_H), strideW = int(words, STRIDE_W);
  const spacingH = int(words, SPACING_H), spacingW = int(words, SPACING_W);
  const phasesH = int(words, PHASES_H), phasesW = int(words, PHASES_W);
  const lowH = int(words, LOW_H), lowW = int(words, LOW_W);
  const blockN = int(words, BLOCK_N), blockH = int(words, BLOCK_H), blockW = int(words, BLOCK_W);
  const blockP = int(words, BLOCK_P), blocksH = int(words, BLOCKS_H), blocksW = int(words, BLOCKS_W);
  const staged = int(words, STAGED) !== 0, depth = int(words, DEPTH), taps = int(words, TAPS);
  const x = pointer(address, 0), w = pointer(address, 1), y = pointer(address, 2);
  const part = channels / groups, outPart = outChannels / groups;
  const panels = (outPart + 7) >> 3, blocksP = (panels + blockP - 1) / blockP;
  const phases = phasesH * phasesW;
  // The copy, or the image itself.
  const rows = (blockH - 1) * strideH + int(words, HIGH_H) - lowH + 1;
  const columns = (blockW - 1) * strideW + int(words, HIGH_W) - lowW + 1;
  const pixel = <usize> (staged ? part : channels) << 2;
  const line = pixel * (staged ? columns : width);
  const image = line * (staged ? rows : height);
  const outPixel = <usize> outChannels << 2, outLine = outPixel * outWidth;
  const list = scratch, starts = scratch + STARTS, copy = scratch + COPY;
  let copied: i32 = -1, listedN: i32 = 0, listedH: i32 = 0, listedW: i32 = 0;
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
    const from = x + (<usize> (group * part) << 2);
    let a = copy;
    if (!staged) {
      a = from + <usize> n * image + <usize> inTop * line + <usize> inLeft * pixel;
    } else if (copied !== block) {
      const size = <usize> height * width * channels << 2;
      for (let i: i32 = 0; i < images; i++) {
        stage(words, copy + <usize> i * image, from + <usize> (n + i) * size, inTop, inLeft, rows, columns);
      }
      copied = block;
    }

    // Where the pixels begin: in the images, and in y.
    const count = images * high * wide, fours = (count + 3) >> 2;
    if (listedN !== images || listedH !== high || listedW !== wide) {
      let at = list;
      for (let i: i32 = 0; i < images; i++) {
        for (let j: i32 = 0; j < high; j++) {
          let from = <usize> i * image + <usize> (j * strideH) * line;
          let to = <usize> (i * outHeight + j * spacingH) * outLine;
          for (let k: i32 = 0; k < wide; k++) {
            store<u32>(at, <u32> from);
            store<u32>(at, <u32> to, 4);
            at += 8;
            from += <usize> strideW * pixel;
            to += <usize> spacingW * outPixel;
          }
        }
      }
      for (; at < list + (<usize> fours << 5); at += 8) store<u64>(at, load<u64>(at - 8));
      listedN = images, listedH = high, listedW = wide;
    }

    // Where the stretches begin.
    const tapsH = int(alongH, TAP_COUNT), tapsW = int(alongW, TAP_COUNT);
    const stepW = int(alongW, STEP), whole = pixel === (<usize> part << 2) && stepW === 1 &&
      tapsW * part <= depth;
    const perRow = whole ? min(1, tapsW) : tapsW;
    const length = whole ? tapsW * part : part;
    let runs: i32 = 0;
    for (let i: i32 = 0; i < tapsH; i++) {
      const row = int(alongH, FIRST) - lowH + i * int(alongH, STEP);
      for (let j: i32 = 0; j < perRow; j++) {
        const column = int(alongW, FIRST) - lowW + j * stepW;
        const at = <usize> row * line + <usize> column * pixel;
        store<u32>(starts + (<usize> runs << 2), <u32> at);
        runs++;
      }
    }
    if (length === 0) runs = 0;

    const before = int(alongH, BEFORE) * int(alongW, TAPS_ALL) + tapsH * int(alongW, BEFORE);
    const end = min(begin + blockP, panels);
    const c = y + (<usize> (n * outHeight + phaseH + top * spacingH) * outLine) +
      <usize> (phaseW + left * spacingW) * outPixel + (<usize> (group * outPart) << 2);
    const most = max(1, length > 0 ? depth / length : 1);
    for (let run: i32 = 0; run === 0 || run < runs; run += most) {
      const some = min(most, runs - run);
      for (let panel = begin; panel < end; panel++) {
        const step = <usize> ((group * panels + panel) * taps + before) * part + <usize> run * length;
        sweep(
          list, fours, a, starts + (<usize> run << 2), some, length, w + (step << 5), 32,
          c + (<usize> panel << 5), min(8, outPart - (panel << 3)), run > 0,
        );
      }
    }
  }
}

// Words after the addresses of `convolvePack`: axis H of w's taps, then axis W.
const TAPS_H = 0, TAPS_W = 1, ROWS_W = 2, COLUMNS_W = 3, PARTS = 4, TURNED = 5, CHUNK = 6, ORDER = 7;

/**
 * Weights to panels of 8 output channels, tap by tap in the order in which `convolve` sees them.
 * Along each axis and for each tap, the order is told by three words: taps of the phases before its
 * own, taps of its own, and its place among these. A task makes `CHUNK` panels.
 */
export function convolvePack(address: usize, first: i32, last: i32): void {
  const w = pointer(address, 0), packed = pointer(address, 1), words = address + 8;
  const tapsH = int(words, TAPS_H), tapsW = int(words, TAPS_W), inputs = int(words, ROWS_W);
  const outputs = int(words, COLUMNS_W), groups = int(words, PARTS), chunk = int(words, CHUNK);
  const turned = int(words, TURNED) !== 0, step = <usize> outputs << 2;
  // Rows and columns of a group's matrix.
  const depth = turned ? outputs / groups : inputs, wide = turned ? inputs : outputs / groups;
  const panels = (wide + 7) >> 3;
  for (let at = first * chunk; at < min(last * chunk, groups * panels); at++) {
    const group = at / panels, column = at % panels << 3, columns = min(8, wide - column);
    const target = packed + (<usize> (at * tapsH * tapsW) * <usize> depth << 5);
    if (columns < 8) memory.fill(target, 0, <usize> (tapsH * tapsW * depth) << 5);
    for (let i: i32 = 0; i < tapsH; i++) {
      const alongH = words + (<usize> (ORDER + 3 * i) << 2);
      for (let j: i32 = 0; j < tapsW; j++) {
        const alongW = words + (<usize> (ORDER + 3 * (tapsH + j)) << 2);
        const place = int(alongH, 0) * tapsW + int(alongH, 1) * int(alongW, 0) +
          int(alongH, 2) * int(alongW, 1) + int(alongW, 2);
        const to = target + (<usize> (place * depth) << 5);
        const from = w + <usize> ((i * tapsW + j) * inputs) * step + (<usize> (group * (outputs / groups)) << 2);
        if (turned) transpose(to, 32, from + <usize> column * step, step, columns, depth);
        else packPanel(to, from + (<usize> column << 2), step, depth, columns);
      }
    }
  }
}
