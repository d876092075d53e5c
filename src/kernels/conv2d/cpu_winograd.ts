/**
 * What convolutions 3x3 ask of the cpu that go by way of Winograd's transforms: see
 * cpu_winograd.as.ts for how they work.
 *
 * @module
 */
import { blockOf, blockUpTo, tasksFor } from "../cpu_tasks.ts";
import type { CpuProgram } from "../kernel.ts";
import type { Axis } from "./axes.ts";
import type { Conv2dSizes } from "./sizes.ts";

/** The entries of convolutions know by their first word that a call is one of these. */
export const WINOGRAD = 3;

/** Outputs of a tile along an axis; elements of a transformed one. */
const TILE = 4, PLACES = 36;
/** Channels of a panel of weights. */
const WIDTH = 8;
/** Channels with which it pays, and those for which scratch memory has room. */
const FEWEST = 8, MOST = 1024;
/** Share of the tiles that must be inside of the image: 14x14 and 6x6 pass, 5x5 does not. */
const USE = 0.5, GRADIENT_USE = 0.75;
/** Tiles that make good use of transformed weights, and those below which a block is not cut. */
const ENOUGH_TILES = 64, FEW_TILES = 16;
/** Bytes of the transformed tiles of a task, a part of a second-level cache; and at most. */
const BYTES = 320 * 1024, MOST_BYTES = 800 * 1024;
/** Panels that a task multiplies by at most. */
const PANELS = 16;
/** Tasks that are enough for the threads of most machines. */
const TASKS = 8;
/** For the weight gradient: bytes of the tiles of a task, and of the sums of all chunks. */
const GRADIENT_BYTES = 672 * 1024, SUM_BYTES = 2400 * 1024;
/** Tiles of a chunk at least, chunks at most, and input channels of a task at least. */
const CHUNK = 32, MOST_CHUNKS = 16, PART = 16;
/** Input channels of a task that ends a weight gradient. */
const BLOCK = 8;

/** Tiles of images of outputs. */
interface Tiles {
  readonly H: number;
  readonly W: number;
  readonly count: number;
  /** Which share of them is inside of the image. */
  readonly use: number;
}

function tilesOf(N: number, height: number, width: number): Tiles {
  const H = Math.ceil(height / TILE), W = Math.ceil(width / TILE);
  return { H, W, count: N * H * W, use: height * width / (TILE * TILE * H * W) };
}

/** Whether all is as the transforms need it. */
function fits({ KH, KW, groups, I, O, windows }: Conv2dSizes): boolean {
  const plain = windows.every(({ stride, dilation }) => stride === 1 && dilation === 1);
  if (KH !== 3 || KW !== 3 || groups !== 1 || !plain) return false;
  return I % 4 === 0 && O % 4 === 0 && Math.min(I, O) >= FEWEST && Math.max(I, O) <= MOST;
}

/** As large a multiple of 4 as there may be. */
function fours(size: number): number {
  return Math.max(4, Math.floor(size / 4) * 4);
}

/**
 * A convolution, or an input gradient, whose weights are `turned`; undefined where it does not pay.
 * That depends on one image alone, so that a result never depends on the batch.
 */
export function winogradProgram(
  sizes: Conv2dSizes,
  [h, w]: readonly [Axis, Axis],
  turned: boolean,
): CpuProgram | undefined {
  const { N, I, O } = sizes, [inputs, outputs] = turned ? [O, I] : [I, O];
  const tiles = tilesOf(N, h.outSize, w.outSize);
  if (!fits(sizes) || tiles.use < USE) return undefined;
  const panels = Math.ceil(outputs / WIDTH);
  const bytes = 4 * PLACES * (inputs + WIDTH * Math.min(panels, PANELS));
  const most = Math.max(BYTES / bytes, Math.min(WIDTH, MOST_BYTES / bytes));
  const wanted = tasksFor(2 * PLACES * tiles.count * inputs * outputs);
  const enough = Math.max(FEW_TILES, Math.ceil(tiles.count / wanted));
  const block = fours(Math.min(most, ENOUGH_TILES, enough));
  const blocks = Math.ceil(tiles.count / block);
  const part = blockOf(panels, Math.max(panels / PANELS, Math.min(wanted, TASKS) / blocks));
  const images = [h.size, w.size, inputs, h.low, w.low];
  const results = [h.outSize, w.outSize, outputs, 0, 0];
  return {
    scratch: [{ shape: [PLACES, panels * inputs * WIDTH + 16], dtype: "f32" }],
    calls: [
      {
        entry: "convolvePack",
        tasks: panels,
        operands: [1, 3],
        words: [WINOGRAD, I, O, Number(turned)],
      },
      {
        entry: "convolve",
        tasks: blocks * Math.ceil(panels / part),
        operands: [0, 3, 2],
        words: [WINOGRAD, tiles.H, tiles.W, tiles.count, block, part, ...images, ...results],
      },
    ],
  };
}

/** A weight gradient; undefined where it does not pay. */
export function winogradWeightGrad(sizes: Conv2dSizes): CpuProgram | undefined {
  const { N, H, W, OH, OW, I, O, windows: [h, w] } = sizes;
  const tiles = tilesOf(N, OH, OW);
  if (!fits(sizes) || tiles.use < GRADIENT_USE || tiles.count < FEW_TILES) return undefined;
  const row = WIDTH * Math.ceil(O / WIDTH), wanted = tasksFor(2 * PLACES * tiles.count * I * O);
  const most = Math.min(wanted, MOST_CHUNKS, SUM_BYTES / (4 * PLACES * I * row));
  const chunks = Math.max(1, Math.floor(Math.min(most, tiles.count / CHUNK)));
  const part = blockOf(I, Math.min(I / PART, Math.min(wanted, TASKS) / chunks), 4);
  const room = GRADIENT_BYTES / (4 * PLACES * (part + O));
  const block = blockUpTo(Math.ceil(tiles.count / chunks), fours(Math.min(room, ENOUGH_TILES)));
  const images = [H, W, I, -h.padding, -w.padding], results = [OH, OW, O, 0, 0];
  const cuts = [tiles.H, tiles.W, tiles.count, block, part];
  return {
    scratch: [{ shape: [chunks, PLACES, I * row + 16], dtype: "f32" }],
    calls: [
      {
        entry: "convolveWeights",
        tasks: chunks * Math.ceil(I / part),
        operands: [0, 1, 3],
        words: [WINOGRAD, ...cuts, ...images, ...results, chunks],
      },
      {
        entry: "convolveSum",
        tasks: Math.ceil(I / BLOCK),
        operands: [3, 2],
        words: [WINOGRAD, I, O, chunks, BLOCK],
      },
    ],
  };
}
