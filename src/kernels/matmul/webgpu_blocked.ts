/**
 * Third rung: blocks of C in registers, blocks of A and B in workgroup memory (src/kernels/tiles),
 * and where C has too few tiles to fill a GPU, workgroups share the sum over k.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import { type Epilogue, epiloguePlaces, epilogueText, NO_EPILOGUE } from "../epilogue.ts";
import type { Program, Spec } from "../kernel.ts";
import type { Factor } from "../tiles/staging.ts";
import { storeRows, sumParts } from "../tiles/store.ts";
import type { Tile } from "../tiles/tile.ts";
import { tiledProduct } from "../tiles/product.ts";
import { declareVectors, vectorType, widthOf } from "../vectors.ts";
import { ravel, u32, unravel, wgsl } from "../wgsl.ts";
import { type MatmulParams, type MatmulSizes, matmulSizes } from "./sizes.ts";

/** A or B, [outer, K] row by row, or [K, outer] where it lies along its outer axis. */
function factorOf(
  name: "a" | "b",
  along: "outer" | "inner",
  { K, batch, batchStridesA, batchStridesB }: MatmulSizes,
  outer: number,
): Factor {
  const width = widthOf(along === "outer" ? outer : K);
  const Place = `Place${name.toUpperCase()}`;
  const strides = name === "a" ? batchStridesA : batchStridesB;
  const at = along === "outer"
    ? `place.start + k * ${u32(outer / width)}`
    : `place.start + k / ${u32(width)}`;
  const start = along === "outer" ? `outer / ${u32(width)}` : `outer * ${u32(K / width)}`;
  return {
    along,
    width,
    functions: wgsl`struct ${Place} { start: u32 }
fn place_${name}(outer: u32) -> ${Place} {
${unravel("plane", "x", batch)}
  return ${Place}((${ravel("x", strides)}) * ${u32(K * outer / width)} + ${start});
}
fn load_${name}(place: ${Place}, k: u32) -> ${vectorType(width)} { return ${name}[${at}]; }
`,
  };
}

/** The product by tiles, in `splits` shares of k. */
export function blockedProgram(
  [a, b]: readonly Spec[],
  params: MatmulParams,
  { tile, splits, epilogue = NO_EPILOGUE }: {
    readonly tile: Tile;
    readonly splits: number;
    readonly epilogue?: Epilogue;
  },
): Program {
  const sizes = matmulSizes(a!, b!, params);
  const { M, N, K, batch } = sizes;
  const planes = sizeOf(batch), size = planes * M * N;
  const chunk = Math.ceil(K / splits / tile.depth) * tile.depth;
  const parts = Math.ceil(K / chunk);
  const factors = {
    a: factorOf("a", params.transposeA ? "outer" : "inner", sizes, M),
    b: factorOf("b", params.transposeB ? "inner" : "outer", sizes, N),
  };
  const vectors = N % 4 === 0;
  const start = parts === 1
    ? `plane * ${u32(M * N)}`
    : `split * ${u32(size)} + plane * ${u32(M * N)}`;
  const { code, workgroups } = tiledProduct({
    M,
    N,
    K,
    ...factors,
    planes,
    chunk,
    store: storeRows("c", N, { start, parts: parts > 1, vectors }),
  }, tile);
  const buffers = declareVectors(
    [["a", factors.a.width], ["b", factors.b.width], ["c", vectors ? 4 : 1]],
    2,
  );
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
