/**
 * A and B as the products of all candidates read them, and the row of ones that gives column sums:
 * if A had one more row, and it were 1 everywhere, that row of C would be the sums of the columns
 * of B. So the bias gradient costs one row more of the weight gradient, and no dispatch.
 *
 * @module
 */
import type { Factor } from "../tiles/staging.ts";
import { vectorType, type Width, widthOf } from "../vectors.ts";
import { ravel, u32, unravel, wgsl } from "../wgsl.ts";
import type { MatmulParams, MatmulSizes } from "./sizes.ts";

/** Both factors, and how many rows a product of them has. */
export interface Factors {
  readonly a: Factor;
  readonly b: Factor;
  /** M, or more with column sums: row M is theirs, those after it are nothing's. */
  readonly rows: number;
}

/** The widest loads that a candidate can use of each factor. */
export interface Widest {
  readonly a?: Width;
  readonly b?: Width;
}

/** A or B, [outer, K] row by row, or [K, outer] where it lies along its outer axis. */
function factorOf(
  name: "a" | "b",
  { K, batch, batchStridesA, batchStridesB }: MatmulSizes,
  { along, outer, most = 4, ones = false }: {
    readonly along: "outer" | "inner";
    readonly outer: number;
    readonly most: Width | undefined;
    readonly ones?: boolean;
  },
): Factor {
  const width = Math.min(most, widthOf(along === "outer" ? outer : K)) as Width;
  const Place = `Place${name.toUpperCase()}`, T = vectorType(width);
  const strides = name === "a" ? batchStridesA : batchStridesB;
  const at = along === "outer"
    ? `place.start + k * ${u32(outer / width)}`
    : `place.start + k / ${u32(width)}`;
  const start = along === "outer" ? `outer / ${u32(width)}` : `outer * ${u32(K / width)}`;
  return {
    along,
    width,
    functions: wgsl`
#if ${ones}
struct ${Place} { start: u32, ones: bool }
#else
struct ${Place} { start: u32 }
#endif
fn place_${name}(outer: u32) -> ${Place} {
${unravel("plane", "x", batch)}
  let start = (${ravel("x", strides)}) * ${u32(K * outer / width)};
  #if ${ones}
  // The row of ones reads where the first row lies, and drops it.
  return ${Place}(start + select(${start}, 0u, outer >= ${u32(outer)}), outer >= ${u32(outer)});
  #else
  return ${Place}(start + ${start});
  #endif
}
fn load_${name}(place: ${Place}, k: u32) -> ${T} {
  #if ${ones}
  return select(${name}[${at}], ${T}(1.0), place.ones);
  #else
  return ${name}[${at}];
  #endif
}
`,
  };
}

/** The factors of a product, read by loads of at most `widest`. */
export function factorsOf(
  sizes: MatmulSizes,
  { transposeA, transposeB, columnSums = false }: MatmulParams,
  widest: Widest = {},
): Factors {
  const { M, N } = sizes;
  const a = factorOf("a", sizes, {
    along: transposeA ? "outer" : "inner",
    outer: M,
    most: widest.a,
    ones: columnSums,
  });
  const b = factorOf("b", sizes, {
    along: transposeB ? "inner" : "outer",
    outer: N,
    most: widest.b,
  });
  // Loads along the rows take as many as they are wide: the row of ones has neighbours.
  const more = a.along === "outer" ? a.width : 1;
  return { a, b, rows: columnSums ? M + more : M };
}
