/**
 * Products without staging: each invocation reads its rows of A and columns of B from global memory
 * straight into registers, and adds up a block of C there. Where C is small, several invocations,
 * the lanes, share the steps along k of one block and join their sums in a tree in workgroup memory:
 * only then do invocations wait for each other.
 *
 * @module
 */
import type { WayFigures } from "../kernel.ts";
import type { Launch } from "../tiles/product.ts";
import type { Factor } from "../tiles/staging.ts";
import { component, repeat, vectorType } from "../vectors.ts";
import { foldWorkgroups, u32, wgsl } from "../wgsl.ts";

/** How a product is spread over invocations. */
export interface Spread {
  /** Rows of C per invocation. */
  readonly rows: number;
  /** Vectors of columns per invocation; those of neighbours lie between them. */
  readonly vectors: number;
  /** Blocks of a workgroup below each other, and side by side. */
  readonly down: number;
  readonly across: number;
  /** Invocations that share a block; a power of two. */
  readonly lanes: number;
  /** Along what neighbouring invocations lie: where their loads are neighbours, too. */
  readonly nearest: "k" | "rows" | "columns";
}

/** What is multiplied, and where it goes. */
export interface DirectProduct {
  /** Rows, those of column sums among them. */
  readonly rows: number;
  readonly N: number;
  readonly K: number;
  readonly planes: number;
  readonly a: Factor;
  readonly b: Factor;
  /** Columns of a vector; divides N. */
  readonly width: 1 | 4;
  /** WGSL of `store(m, n, value)` for m < rows and the vector of columns from n. */
  readonly store: string;
}

/** "4x8 each, 8x16 beside": how candidates are named. */
export function nameOfSpread({ rows, vectors, down, across, lanes }: Spread, width: 1 | 4): string {
  const block = `${rows}x${vectors * width} each, ${down}x${across} side by side`;
  return lanes === 1 ? block : `${block}, ${lanes} lanes`;
}

/** Statements that add the outer products of steps k to k + count - 1 to the registers. */
function steps({ a, b, width }: DirectProduct, { rows, vectors }: Spread, count: number): string {
  const lines: string[] = [];
  const read = (name: "a" | "b", { along, width: wide }: Factor, size: number, j: number) => {
    const each = along === "outer" ? wide : 1;
    if (along === "inner" && j % wide !== 0) return;
    for (let p = 0; p < size; p += each) {
      lines.push(`    let ${name}${p}_${j} = load_${name}(${name}_place${p}, k + ${u32(j)});`);
    }
  };
  const number = (name: "a" | "b", { along, width: wide }: Factor, p: number, j: number) => {
    const [part, i, from] = along === "outer"
      ? [p % wide, p - p % wide, j]
      : [j % wide, p, j - j % wide];
    return component(`${name}${i}_${from}`, wide, part);
  };
  for (let j = 0; j < count; j++) {
    read("a", a, rows, j);
    read("b", b, vectors * width, j);
    for (let q = 0; q < vectors; q++) {
      const parts = Array.from({ length: width }, (_, i) => number("b", b, q * width + i, j));
      const whole = b.along === "outer" && b.width === width;
      const vector = whole ? `b${q * width}_${j}` : `vec4f(${parts.join(", ")})`;
      lines.push(`    let v${q}_${j} = ${width === 1 ? parts[0]! : vector};`);
    }
    for (let r = 0; r < rows; r++) {
      for (let q = 0; q < vectors; q++) {
        lines.push(`    c${r}_${q} += ${number("a", a, r, j)} * v${q}_${j};`);
      }
    }
  }
  return lines.join("\n");
}

/** Joins the lanes' registers in a tree: the upper half hands over, the lower half adds. */
function joinLanes({ rows, vectors, down, across, lanes }: Spread): string {
  const halves: string[] = [], blocks = down * across, room = lanes / 2 * blocks;
  for (let half = lanes / 2; half >= 1; half /= 2) {
    const each = (line: (register: string, slot: number) => string): string =>
      repeat(rows, (r) => repeat(vectors, (q) => line(`c${r}_${q}`, (r * vectors + q) * room)));
    halves.push(`  if (lane >= ${u32(half)} && lane < ${u32(2 * half)}) {
    let at = (lane - ${u32(half)}) * ${u32(blocks)} + block;
${each((register, slot) => `    handed[at + ${u32(slot)}] = ${register};`)}
  }
  workgroupBarrier();
  if (lane < ${u32(half)}) {
    let at = lane * ${u32(blocks)} + block;
${each((register, slot) => `    ${register} += handed[at + ${u32(slot)}];`)}
  }${half === 1 ? "" : "\n  workgroupBarrier();"}`);
  }
  return halves.join("\n");
}

/** Bytes of workgroup memory. */
export function bytesOfSpread(
  { rows, vectors, down, across, lanes }: Spread,
  width: 1 | 4,
): number {
  return lanes === 1 ? 0 : lanes / 2 * down * across * rows * vectors * width * 4;
}

/** Workgroups that a product takes. */
export function groupsOf(
  { rows: M, N, planes, width }: Pick<DirectProduct, "rows" | "N" | "planes" | "width">,
  { rows, vectors, down, across }: Spread,
): number {
  return Math.ceil(M / (rows * down)) * Math.ceil(N / width / (vectors * across)) * planes;
}

/** What decides how fast the product by a spread is. */
export function directFigures(
  product: Pick<DirectProduct, "rows" | "N" | "K" | "planes" | "width">,
  spread: Spread,
): WayFigures {
  const { rows, vectors, down, across, lanes } = spread, columns = vectors * product.width;
  const workgroups = groupsOf(product, spread), blocks = workgroups * down * across;
  return {
    workgroups,
    invocations: down * across * lanes,
    products: blocks * rows * columns * product.K,
    reads: blocks * (rows + columns) * product.K,
    sums: rows * columns,
    staged: false,
    dispatches: 1,
  };
}

/** The shader of a product. */
export function directProduct(product: DirectProduct, spread: Spread): Launch {
  const { rows: M, N, K, a, b, width, store } = product;
  const { rows, vectors, down, across, lanes, nearest } = spread;
  const blocks = down * across, T = vectorType(width);
  const tilesN = Math.ceil(N / width / (vectors * across));
  const tiles = Math.ceil(M / (rows * down)) * tilesN;
  const groups = groupsOf(product, spread), workgroups = foldWorkgroups(groups);
  const place = ({ along, width: wide }: Factor, end: number, outer: string) => {
    const step = along === "outer" ? wide : 1;
    return `min(${outer}, ${u32(Math.max(0, end - step))})`;
  };
  const placesA = repeat(rows / (a.along === "outer" ? a.width : 1), (i) => {
    const p = a.along === "outer" ? i * a.width : i;
    return `  let a_place${p} = place_a(${place(a, M, `row + ${u32(p)}`)});`;
  });
  const placesB = repeat(vectors, (q) => {
    const first = `(column + ${u32(q * across)}) * ${u32(width)}`;
    const step = b.along === "outer" ? b.width : 1;
    return repeat(width / step, (i) => {
      const outer = place(b, N, `${first} + ${u32(i * step)}`);
      return `  let b_place${q * width + i * step} = place_b(${outer});`;
    });
  });
  const whole = Math.floor(K / 4) * 4, rest = K - whole;
  const main = wgsl`  for (var k = lane * 4u; k < ${u32(whole)}; k += ${u32(4 * lanes)}) {
${steps(product, spread, 4)}
  }`;
  const last = wgsl`  if (lane == ${u32(whole / 4 % lanes)}) {
    let k = ${u32(whole)};
${steps(product, spread, rest)}
  }`;
  const stores = repeat(rows, (r) =>
    repeat(vectors, (q) => {
      const n = `column + ${u32(q * across)}`;
      const inside = [
        ...lanes === 1 ? [] : ["lane == 0u"],
        ...M % (rows * down) === 0 ? [] : [`row + ${u32(r)} < ${u32(M)}`],
        ...N / width % (vectors * across) === 0 ? [] : [`${n} < ${u32(N / width)}`],
      ].join(" && ");
      const call = `store(row + ${u32(r)}, (${n}) * ${u32(width)}, c${r}_${q});`;
      return inside === "" ? `  ${call}` : `  if (${inside}) { ${call} }`;
    }));
  const handed = lanes === 1
    ? ""
    : `var<workgroup> handed: array<${T}, ${lanes / 2 * blocks * rows * vectors}>;\n`;
  const code = wgsl`var<private> plane: u32;
${handed}
${a.functions}
${b.functions}
${store}
@compute @workgroup_size(${blocks * lanes})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * ${u32(workgroups[0])} + group.x;
  if (flat >= ${u32(groups)}) { return; }
  plane = flat / ${u32(tiles)};
  #if ${nearest === "k"}
  let lane = local % ${u32(lanes)};
  let block = local / ${u32(lanes)};
  #else
  let lane = local / ${u32(blocks)};
  let block = local % ${u32(blocks)};
  #endif
  #if ${nearest === "rows"}
  let y = block % ${u32(down)};
  let x = block / ${u32(down)};
  #else
  let y = block / ${u32(across)};
  let x = block % ${u32(across)};
  #endif
  let row = (flat % ${u32(tiles)} / ${u32(tilesN)} * ${u32(down)} + y) * ${u32(rows)};
  let column = flat % ${u32(tilesN)} * ${u32(across * vectors)} + x;
${placesA}
${placesB}
${repeat(rows, (r) => repeat(vectors, (q) => `  var c${r}_${q} = ${T}();`))}
${whole === 0 ? "" : main}
${rest === 0 ? "" : last}
${joinLanes(spread)}
${stores}
}
`;
  return { code, workgroups };
}
