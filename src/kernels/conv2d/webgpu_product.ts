/**
 * From a tiled product to a program, for the convolution and its input gradient: one dispatch, or
 * two where workgroups share the sums.
 *
 * @module
 */
import { type Epilogue, epiloguePlaces, epilogueText } from "../epilogue.ts";
import type { Program } from "../kernel.ts";
import { type Product, tiledProduct } from "../tiles/product.ts";
import { storeRows } from "../tiles/store.ts";
import { sumParts } from "../tiles/sum_parts.ts";
import type { Tile } from "../tiles/tile.ts";
import { declareVectors, type Width } from "../vectors.ts";

/** How a product is cut. */
export interface Cut {
  readonly tile: Tile;
  /** Workgroups that share the sums of a tile. */
  readonly splits: number;
}

/** A product, and how its rows lie in the result. */
export interface ImageProduct extends Omit<Product, "chunk" | "store"> {
  /** Names of the two operands and the result. */
  readonly names: readonly [a: string, b: string, result: string];
  /** Elements of the result. */
  readonly size: number;
  /** Statements that find `row` from `m` and `plane`; default: rows lie as in the product. */
  readonly before?: string;
  /** When nothing is stored, and what happens instead. */
  readonly unless?: readonly [condition: string, statements: string];
}

/** Steps of each share: whole rounds. */
export function chunkOf(K: number, { tile: { depth }, splits }: Cut): number {
  return Math.max(depth, Math.ceil(K / splits / depth) * depth);
}

/** The program of a product, cut in some way. */
export function imageProgram(product: ImageProduct, cut: Cut, epilogue: Epilogue): Program {
  const { N, K, a, b, names, size, before, unless } = product;
  const chunk = chunkOf(K, cut), parts = Math.max(1, Math.ceil(K / chunk));
  const width: Width = N % 4 === 0 ? 4 : 1;
  const { code, workgroups } = tiledProduct({
    ...product,
    chunk,
    store: storeRows(names[2], N, {
      start: parts === 1 ? "0u" : `split * ${size}u`,
      parts: parts > 1,
      vectors: width === 4,
      ...before === undefined ? {} : { before, row: "row" },
      ...unless && { unless },
    }),
  }, cut.tile);
  const buffers = declareVectors([[names[0], a.width], [names[1], b.width], [names[2], width]], 2);
  if (parts === 1) {
    return {
      dispatches: [{
        code: `${buffers}\n${epilogueText(epilogue, 3)}\n${code}`,
        operands: [0, 1, 2, ...epiloguePlaces(epilogue)],
        workgroups,
      }],
    };
  }
  return {
    scratch: [{ shape: [parts, size], dtype: "f32" }],
    dispatches: [
      { code: `${buffers}\n${code}`, operands: [0, 1, 3], workgroups },
      sumParts({ splits: parts, size }, [3, 2], epilogue),
    ],
  };
}
