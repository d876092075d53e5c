/**
 * Staging: how the blocks of a tiled product get from a buffer into workgroup memory, and from there
 * into registers. Loads follow the memory of the factor, so that neighbouring invocations read
 * neighbouring numbers, four at a time where the sizes allow it.
 *
 * @module
 */
import { repeat, type Width } from "../vectors.ts";
import { u32, wgsl } from "../wgsl.ts";
import { invocationsOf, type Tile } from "./tile.ts";

/** One of the two matrices that are multiplied. Its outer axis is m for A and n for B. */
export interface Factor {
  /** The axis along which neighbours lie side by side in memory: inner is k. */
  readonly along: "outer" | "inner";
  /** Numbers along that axis that one load gives; divides the size of the axis. */
  readonly width: Width;
  /**
   * WGSL, with x for a or b: `struct PlaceX`, what is known of an outer index before the loop;
   * `fn place_x(outer: u32) -> PlaceX`; and `fn load_x(place: PlaceX, k: u32)` of f32, vec2f or
   * vec4f by width. Both are only called for indices within the matrix.
   */
  readonly functions: string;
}

/** Texts around a staged block. */
export interface Staging {
  /** Vectors of four in workgroup memory. */
  readonly size: number;
  readonly functions: string;
  /** Statements before the loop; `start` is the block's first outer index. */
  places(start: string): string;
  /** Statements that fill the block with the steps from `base`. */
  readonly fill: string;
  /** Of A: what an invocation reads for steps k to k + 3 at once, and for step k + j alone. */
  readSteps(): string;
  readStep(j: number): string;
  /** Of A: the number in its row r, step k + j. */
  element(r: number, j: number): string;
  /** Of B: its quad q of columns in step k + j. */
  quad(j: number, q: number): string;
}

/** What a staging is made for. */
interface Block {
  /** Size of the block along its outer axis. */
  readonly outer: number;
  /** Size of the matrix along that axis. */
  readonly end: number;
  readonly tile: Tile;
  /** Whether a round may reach beyond the last k. */
  readonly ragged: boolean;
}

type Name = "a" | "b";

/** A quad as one, two or four loads, zeros outside of the matrix. */
function quadOf(
  name: Name,
  { width }: Factor,
  { end, outer, ragged }: Block,
  at: (part: number) => { readonly place: string; readonly outer: string; readonly k: string },
): string {
  const parts = Array.from({ length: 4 / width }, (_, i) => {
    const { place, outer: index, k } = at(i * width);
    const tests = [
      ...end % outer === 0 ? [] : [`${index} < ${u32(end)}`],
      ...ragged ? [`${k} < k_end`] : [],
    ];
    return tests.length === 0
      ? `load_${name}(${place}, ${k})`
      : `load_${name}_if(${tests.join(" && ")}, ${place}, ${k})`;
  });
  return parts.length === 1 ? parts[0]! : `vec4f(${parts.join(", ")})`;
}

// One return only: SwiftShader compiles functions with several, inlined this often, for minutes.
function withGuard(name: Name, { functions, width }: Factor): string {
  const type = width === 1 ? "f32" : `vec${width}f`, Place = `Place${name.toUpperCase()}`;
  return wgsl`${functions}
fn load_${name}_if(inside: bool, place: ${Place}, k: u32) -> ${type} {
  var value = ${type}();
  if (inside) { value = load_${name}(place, k); }
  return value;
}
`;
}

/** The last outer index that a load may start at. */
function lastStart({ end }: Block, step: number): string {
  return u32(Math.max(0, end - step));
}

/** Neighbours along the outer axis: the block is kept [k][outer / 4]. */
function alongOuter(name: Name, factor: Factor, block: Block): Pick<Staging, "places" | "fill"> {
  const { outer, tile: { depth } } = block;
  const invocations = invocationsOf(block.tile), quads = outer / 4;
  const step = invocations / quads, { width } = factor;
  return {
    places: (start) => {
      const parts = repeat(
        4 / width,
        (i) =>
          `  let ${name}_place${i * width} = place_${name}(min(${name}_outer + ${u32(i * width)}, ${
            lastStart(block, width)
          }));`,
      );
      return `  let ${name}_outer = ${start} + local % ${u32(quads)} * 4u;\n` +
        `  let ${name}_step = local / ${u32(quads)};\n${parts}`;
    },
    fill: repeat(Math.ceil(depth / step), (i) => {
      const k = `${name}_step + ${u32(i * step)}`;
      const value = quadOf(name, factor, block, (part) => ({
        place: `${name}_place${part}`,
        outer: `${name}_outer + ${u32(part)}`,
        k: `base + ${k}`,
      }));
      const line = `tile_${name}[(${k}) * ${u32(quads)} + local % ${u32(quads)}] = ${value};`;
      return (i + 1) * step <= depth ? `    ${line}` : `    if (${k} < ${u32(depth)}) { ${line} }`;
    }),
  };
}

/** Neighbours along k: A is kept as it lies, [m][k / 4], with a quad between rows (see `pitch`). */
function alongInner(factor: Factor, block: Block): Pick<Staging, "places" | "fill"> {
  const { outer, tile: { depth } } = block;
  const invocations = invocationsOf(block.tile), quads = depth / 4;
  const step = invocations / quads, rounds = Math.ceil(outer / step);
  return {
    places: (start) =>
      [
        `  let a_step = local % ${u32(quads)} * 4u;`,
        `  let a_outer = ${start} + local / ${u32(quads)};`,
        repeat(rounds, (i) =>
          `  let a_place${i} = place_a(min(a_outer + ${u32(i * step)}, ${lastStart(block, 1)}));`),
      ].join("\n"),
    fill: repeat(rounds, (i) => {
      const value = quadOf("a", factor, block, (part) => ({
        place: `a_place${i}`,
        outer: `a_outer + ${u32(i * step)}`,
        k: `base + a_step + ${u32(part)}`,
      }));
      const at = `(local / ${u32(quads)} + ${u32(i * step)})`;
      const line = `tile_a[${at} * ${u32(pitch(depth))} + local % ${u32(quads)}] = ${value};`;
      return (i + 1) * step <= outer ? `    ${line}` : `    if (${at} < ${u32(outer)}) { ${line} }`;
    }),
  };
}

/** Quads from row to row of A as it lies: one more than there are, so that rows meet no bank twice. */
function pitch(depth: number): number {
  return depth / 4 + 1;
}

/** Neighbours along k: blocks of 4 columns by 4 steps are turned in registers, B is [k][n / 4]. */
function turned(factor: Factor, block: Block): Pick<Staging, "places" | "fill"> {
  const { outer, tile: { depth } } = block;
  const invocations = invocationsOf(block.tile), quads = depth / 4;
  const blocks = outer / 4 * quads, rounds = Math.ceil(blocks / invocations);
  const indexOf = (round: number) => `(local + ${u32(round * invocations)})`;
  return {
    places: (start) =>
      repeat(rounds, (i) => {
        const first = `b_outer${i}`;
        return [
          `  let ${first} = ${start} + ${indexOf(i)} / ${u32(quads)} * 4u;`,
          repeat(4, (j) => {
            const at = `min(${first} + ${u32(j)}, ${lastStart(block, 1)})`;
            return `  let b_place${i}_${j} = place_b(${at});`;
          }),
        ].join("\n");
      }),
    fill: repeat(rounds, (i) => {
      const step = `${indexOf(i)} % ${u32(quads)} * 4u`;
      const loads = repeat(4, (j) => {
        const value = quadOf("b", factor, block, (part) => ({
          place: `b_place${i}_${j}`,
          outer: `b_outer${i} + ${u32(j)}`,
          k: `base + step + ${u32(part)}`,
        }));
        return `      let n${j} = ${value};`;
      });
      const stores = repeat(4, (k) => {
        const c = "xyzw"[k];
        return `      tile_b[at + ${u32(k * outer / 4)}] = ` +
          `vec4f(n0.${c}, n1.${c}, n2.${c}, n3.${c});`;
      });
      const guard = (i + 1) * invocations <= blocks ? "" : `if (${indexOf(i)} < ${u32(blocks)}) `;
      return `    ${guard}{
      let step = ${step};
${loads}
      let at = step * ${u32(outer / 4)} + ${indexOf(i)} / ${u32(quads)};
${stores}
    }`;
    }),
  };
}

/** The staging of A or B. */
export function stagingOf(name: Name, factor: Factor, block: Block): Staging {
  const { outer, tile: { depth, each: [rows, columns] } } = block;
  const quads = outer / 4, asItLies = name === "a" && factor.along === "inner";
  const staged = factor.along === "outer"
    ? alongOuter(name, factor, block)
    : asItLies
    ? alongInner(factor, block)
    : turned(factor, block);
  const across = block.tile.columns / columns;
  return {
    ...staged,
    functions: withGuard(name, factor),
    size: asItLies ? outer * pitch(depth) : depth * quads,
    readSteps: () => {
      if (!asItLies) return "";
      const first = `y * ${u32(rows * pitch(depth))} + k / 4u`;
      return repeat(rows, (r) => `    let a${r} = tile_a[${first} + ${u32(r * pitch(depth))}];`);
    },
    readStep: (j) => {
      if (asItLies) return "";
      const first = `(k + ${u32(j)}) * ${u32(quads)} + y * ${u32(rows / 4)}`;
      return repeat(rows / 4, (p) => `      let a${p} = tile_a[${first} + ${u32(p)}];`);
    },
    element: (r, j) => asItLies ? `a${r}.${"xyzw"[j]}` : `a${r >> 2}.${"xyzw"[r % 4]}`,
    quad: (j, q) => `tile_b[(k + ${u32(j)}) * ${u32(quads)} + x + ${u32(q * across)}]`,
  };
}
