/**
 * Filling a block of workgroup memory by loads of one or two numbers, where rows are no multiples of
 * four. If an invocation read the four neighbours of a vector itself, its neighbours would read four
 * places on, and a load would touch four times the memory that it needs. So neighbouring invocations
 * read neighbouring numbers, and each makes vectors of what it reads in four turns along the other
 * axis.
 *
 * @module
 */
import { component, repeat, type Width } from "../vectors.ts";
import { u32 } from "../wgsl.ts";
import { columnOf, lastStart, loadOf, stepsPitch } from "./fill.ts";
import type { Block, Filling, Name } from "./staging.ts";
import { invocationsOf } from "./tile.ts";

/** Most places that are kept in registers through the loop; with more, they are found anew. */
const MOST_PLACES = 8;

/** The work of filling: units along the axis that lies in memory, by quads along the other. */
interface Work {
  readonly rounds: number;
  /** WGSL of an invocation's unit and quad in a round. */
  unit(round: number): string;
  quad(round: number): string;
  /** A round's statements, left out by invocations that have nothing to do in it. */
  guarded(round: number, statements: string): string;
}

function workOf({ tile }: Block, units: number, quads: number): Work {
  const invocations = invocationsOf(tile), items = units * quads;
  const index = (round: number) => round === 0 ? "local" : `(local + ${u32(round * invocations)})`;
  return {
    rounds: Math.ceil(items / invocations),
    unit: (round) => `${index(invocations % units === 0 ? 0 : round)} % ${u32(units)}`,
    quad: (round) => `${index(round)} / ${u32(units)}`,
    guarded: (round, statements) => {
      const all = (round + 1) * invocations <= items;
      return `    ${all ? "" : `if (${index(round)} < ${u32(items)}) `}{\n${statements}\n    }`;
    },
  };
}

/** Statements that store the vectors of four loads n0 to n3, one for each number of a load. */
function stores(name: Name, width: Width, at: string, apart: number): string {
  return repeat(width, (c) => {
    const parts = [0, 1, 2, 3].map((j) => component(`n${j}`, width, c));
    return `      tile_${name}[${at} + ${u32(c * apart)}] = vec4f(${parts.join(", ")});`;
  });
}

/** Neighbours along the outer axis, four steps in turn: the block is kept [outer][k / 4]. */
export function narrowAlongOuter(name: Name, width: Width, block: Block): Filling {
  const { outer, tile: { depth } } = block, pitch = stepsPitch(depth), units = outer / width;
  const { rounds, unit, quad, guarded } = workOf(block, units, depth / 4);
  const distinct = new Set(Array.from({ length: rounds }, (_, i) => unit(i)));
  const names = [...distinct];
  return {
    steps: true,
    pitch,
    places: (start) =>
      names.map((text, i) =>
        [
          `  let ${name}_unit${i} = ${text} * ${u32(width)};`,
          `  let ${name}_outer${i} = ${start} + ${name}_unit${i};`,
          `  let ${name}_place${i} = place_${name}(min(${name}_outer${i}, ${
            lastStart(block, width)
          }));`,
        ].join("\n")
      ).join("\n"),
    fill: repeat(rounds, (i) => {
      const at = names.indexOf(unit(i));
      const loads = repeat(4, (j) => {
        const load = loadOf(name, block, {
          place: `${name}_place${at}`,
          outer: `${name}_outer${at}`,
          k: `first + ${u32(j)}`,
        });
        return `      let n${j} = ${load};`;
      });
      const to = `${name}_unit${at} * ${u32(pitch)} + quad`;
      return guarded(
        i,
        [
          `      let quad = ${quad(i)};`,
          "      let first = base + quad * 4u;",
          loads,
          stores(name, width, to, pitch),
        ].join("\n"),
      );
    }),
  };
}

/**
 * Neighbours along k, four outer indices in turn: the block is kept [k][outer / 4], with one vector
 * between steps, so that neighbours store into different banks.
 */
export function narrowAlongInner(name: Name, width: Width, block: Block): Filling {
  const { outer, tile: { depth } } = block, pitch = outer / 4 + 1, units = depth / width;
  const beside = name === "b" ? block.beside : 1;
  const { rounds, unit, quad, guarded } = workOf(block, units, outer / 4);
  const kept = 4 * rounds <= MOST_PLACES;
  const outerOf = (i: number, j: number) => `${name}_outer${i} + ${u32(j * beside)}`;
  const placeOf = (i: number, j: number): string => {
    return `place_${name}(min(${outerOf(i, j)}, ${lastStart(block, 1)}))`;
  };
  return {
    steps: false,
    pitch,
    places: (start) =>
      repeat(rounds, (i) =>
        [
          `  let ${name}_outer${i} = ${start} + ${columnOf(`(${quad(i)})`, beside)};`,
          ...kept ? [repeat(4, (j) => `  let ${name}_place${i}_${j} = ${placeOf(i, j)};`)] : [],
        ].join("\n")),
    fill: repeat(rounds, (i) => {
      const loads = repeat(4, (j) => {
        const place = kept ? `${name}_place${i}_${j}` : placeOf(i, j);
        const load = loadOf(name, block, { place, outer: outerOf(i, j), k: "base + step" });
        return `      let n${j} = ${load};`;
      });
      return guarded(
        i,
        [
          `      let step = ${unit(i)} * ${u32(width)};`,
          loads,
          stores(name, width, `step * ${u32(pitch)} + ${quad(i)}`, pitch),
        ].join("\n"),
      );
    }),
  };
}
