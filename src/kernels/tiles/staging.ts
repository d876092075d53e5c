/**
 * Staging: how the blocks of a tiled product get from a buffer into workgroup memory, and from there
 * into registers. Workgroup memory holds vectors of four: of neighbours along the outer axis, [k]
 * [outer / 4], or of four steps, [outer][k / 4]. What fills them follows the memory of the factor, so
 * that neighbouring invocations read neighbouring numbers: four at a time where the sizes allow it
 * (fill.ts), else one or two at a time, and then a vector holds what an invocation reads in turn along
 * the other axis (fill_narrow.ts).
 *
 * @module
 */
import { repeat, type Width } from "../vectors.ts";
import { u32, wgsl } from "../wgsl.ts";
import { alongInner, alongOuter, turned } from "./fill.ts";
import { narrowAlongInner, narrowAlongOuter } from "./fill_narrow.ts";
import type { Tile } from "./tile.ts";

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
  /** What an invocation reads for steps k to k + 3 at once, and of A for step k + j alone. */
  readSteps(): string;
  readStep(j: number): string;
  /** Of A: the number in its row r, step k + j. */
  element(r: number, j: number): string;
  /** Of B: its quad q of columns in step k + j. */
  quad(j: number, q: number): string;
}

/** What a staging is made for. */
export interface Block {
  /** Size of the block along its outer axis. */
  readonly outer: number;
  /** Size of the matrix along that axis. */
  readonly end: number;
  readonly tile: Tile;
  /** Whether a round may reach beyond the last k. */
  readonly ragged: boolean;
  /** How many columns lie between those of a quad, see columnOf in fill.ts. */
  readonly beside: number;
}

/** Which factor. */
export type Name = "a" | "b";

/** How a block is filled: the texts, and how its vectors lie. */
export interface Filling extends Pick<Staging, "places" | "fill"> {
  /** Whether a vector holds four steps of an outer index, not four outer indices of a step. */
  readonly steps: boolean;
  /** Vectors from one outer index to the next, or from one step to the next. */
  readonly pitch: number;
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

function fillingOf(name: Name, factor: Factor, block: Block): Filling {
  const { along, width } = factor;
  if (width !== 4) {
    return along === "outer"
      ? narrowAlongOuter(name, width, block)
      : narrowAlongInner(name, width, block);
  }
  if (along === "outer") return alongOuter(name, block);
  return name === "a" ? alongInner(block) : turned(block);
}

/** The staging of A or B. */
export function stagingOf(name: Name, factor: Factor, block: Block): Staging {
  const { outer, beside, tile: { depth, columns, each } } = block;
  const rows = each[0], quads = each[1] / 4, across = columns / each[1];
  const { places, fill, steps, pitch } = fillingOf(name, factor, block);
  const vectorAt = (index: string) => `tile_${name}[${index}]`;
  return {
    places,
    fill,
    functions: withGuard(name, factor),
    size: steps ? outer * pitch : depth * pitch,
    readSteps: () => {
      if (!steps) return "";
      if (name === "a") {
        const first = `y * ${u32(rows * pitch)} + k / 4u`;
        return repeat(rows, (r) => `    let a${r} = tile_a[${first} + ${u32(r * pitch)}];`);
      }
      // Only where columns lie apart: the rows of B are odd, and so are those of the result.
      const first = `x * ${u32(pitch)} + k / 4u`;
      return repeat(4 * quads, (c) => {
        return `    let n${c} = ${vectorAt(`${first} + ${u32(c * beside * pitch)}`)};`;
      });
    },
    readStep: (j) => {
      if (steps || name === "b") return "";
      const first = `(k + ${u32(j)}) * ${u32(pitch)} + y * ${u32(rows / 4)}`;
      return repeat(rows / 4, (p) => `      let a${p} = tile_a[${first} + ${u32(p)}];`);
    },
    element: (r, j) => steps ? `a${r}.${"xyzw"[j]}` : `a${r >> 2}.${"xyzw"[r % 4]}`,
    quad: (j, q) => {
      if (!steps) return `tile_b[(k + ${u32(j)}) * ${u32(pitch)} + x + ${u32(q * across)}]`;
      return `vec4f(${[0, 1, 2, 3].map((c) => `n${4 * q + c}.${"xyzw"[j]}`).join(", ")})`;
    },
  };
}
