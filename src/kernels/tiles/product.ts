/**
 * The one tiled matrix product behind matmul and the convolutions: C[m, n] = sum over k of
 * A[m, k] B[k, n], where A, B and C are whatever their functions say. In rounds along k, a workgroup
 * stages a block of A and one of B in workgroup memory; each invocation adds up a small block of C
 * in named registers, so that a number read from workgroup memory serves several products.
 *
 * @module
 */
import type { WayFigures } from "../kernel.ts";
import { repeat } from "../vectors.ts";
import { foldWorkgroups, u32, wgsl } from "../wgsl.ts";
import { pick } from "./pick.ts";
import { type Factor, type Staging, stagingOf } from "./staging.ts";
import type { Store } from "./store.ts";
import { checkTile, invocationsOf, type Tile } from "./tile.ts";

/** What is multiplied, and where it goes. */
export interface Product {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly a: Factor;
  readonly b: Factor;
  /** Products of the same sizes side by side; functions find the number of theirs in `plane`. */
  readonly planes: number;
  /**
   * Steps along k that a workgroup takes: K, or less, and then several workgroups share a block of C
   * and leave parts of its sum; functions find the number of theirs in `split`.
   */
  readonly chunk: number;
  /** Steps along k of each plane, where some have fewer than K. Default K for all. */
  readonly ends?: readonly number[];
  /** How rows of C are stored. */
  readonly store: Store;
}

/** How a product is launched: shader text without its bindings, and workgroups. */
export interface Launch {
  readonly code: string;
  readonly workgroups: readonly [number, number, number];
}

/** Workgroups that a product takes. */
export function workgroupsOf(
  { M, N, K, planes, chunk }: Pick<Product, "M" | "N" | "K" | "planes" | "chunk">,
  { rows, columns }: Tile,
): number {
  return Math.ceil(M / rows) * Math.ceil(N / columns) * planes * Math.ceil(K / chunk);
}

/** What decides how fast the product by a tile is. */
export function figuresOf(
  product: Pick<Product, "M" | "N" | "K" | "planes" | "chunk">,
  tile: Tile,
): WayFigures {
  const { K, chunk } = product, { rows, columns, each } = tile;
  const workgroups = workgroupsOf(product, tile), steps = workgroups * Math.min(chunk, K);
  return {
    workgroups,
    invocations: invocationsOf(tile),
    products: steps * rows * columns,
    reads: steps * (rows + columns),
    sums: each[0] * each[1],
    staged: true,
    dispatches: chunk < K ? 2 : 1,
  };
}

/** Adds four outer products, those of steps k to k + 3, to the sums of an invocation. */
function fourSteps(a: Staging, b: Staging, { each: [rows, columns] }: Tile): string {
  const quads = columns / 4;
  const steps = repeat(4, (j) => {
    const sums = Array.from({ length: rows }, (_, r) => {
      return repeat(quads, (q) => `      c${r}_${q} += ${a.element(r, j)} * b${q};`);
    });
    return [
      "    {",
      a.readStep(j),
      repeat(quads, (q) => `      let b${q} = ${b.quad(j, q)};`),
      ...sums,
      "    }",
    ].filter(Boolean).join("\n");
  });
  return [a.readSteps(), b.readSteps(), steps].filter(Boolean).join("\n");
}

/** The shader of a product: one workgroup per tile of C. */
export function tiledProduct(product: Product, tile: Tile): Launch {
  checkTile(tile);
  const { M, N, K, planes, chunk, store, ends = [K] } = product;
  const { rows, columns, depth, each } = tile;
  const invocations = invocationsOf(tile), across = columns / each[1];
  const tilesN = Math.ceil(N / columns), tiles = Math.ceil(M / rows) * tilesN;
  const groups = workgroupsOf(product, tile);
  const workgroups = foldWorkgroups(groups);
  const ragged = [chunk, ...ends].some((end) => end % depth !== 0);
  const beside = N % 4 === 0 ? 1 : across, block = { tile, ragged, beside };
  const a = stagingOf("a", product.a, { ...block, outer: rows, end: M });
  const b = stagingOf("b", product.b, { ...block, outer: columns, end: N });
  const quads = each[1] / 4;
  const sums = repeat(each[0], (r) => repeat(quads, (q) => `  var c${r}_${q} = vec4f();`));
  const stores = repeat(each[0], (r) => {
    const lines = repeat(quads, (q) => {
      const n = beside === 1
        ? `column + (x + ${u32(q * across)}) * 4u`
        : `column + x + ${u32(4 * q * across)}`;
      const call = `store(row + y * ${u32(each[0])} + ${u32(r)}, ${n}, c${r}_${q});`;
      return N % columns === 0 ? `    ${call}` : `    if (${n} < ${u32(N)}) { ${call} }`;
    });
    if (M % rows === 0) return lines;
    return `  if (row + y * ${u32(each[0])} + ${u32(r)} < ${u32(M)}) {\n${lines}\n  }`;
  });
  const code = wgsl`var<private> plane: u32;
var<private> split: u32;
var<workgroup> tile_a: array<vec4f, ${a.size}>;
var<workgroup> tile_b: array<vec4f, ${b.size}>;

${a.functions}
${b.functions}
${store(beside)}

@compute @workgroup_size(${invocations})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * ${u32(workgroups[0])} + group.x;
  if (flat >= ${u32(groups)}) { return; }
  let row = flat % ${u32(tiles)} / ${u32(tilesN)} * ${u32(rows)};
  let column = flat % ${u32(tilesN)} * ${u32(columns)};
  let own_plane = flat / ${u32(tiles)} % ${u32(planes)};
  plane = own_plane;
  // Not of plane and split themselves: the compiler must see that all invocations leave together.
  let k_begin = flat / ${u32(tiles * planes)} * ${u32(chunk)};
  split = flat / ${u32(tiles * planes)};
  let k_end = min(k_begin + ${u32(chunk)}, ${pick("own_plane", ends.map(u32))});
  let y = local / ${u32(across)};
  let x = local % ${u32(across)};
${a.places("row")}
${b.places("column")}
${sums}
  for (var base = k_begin; base < k_end; base += ${u32(depth)}) {
${a.fill}
${b.fill}
    workgroupBarrier();
    for (var k = 0u; k < ${u32(depth)}; k += 4u) {
${fourSteps(a, b, tile)}
    }
    workgroupBarrier();
  }
${stores}
}
`;
  return { code, workgroups };
}
