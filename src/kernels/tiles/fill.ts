/**
 * Filling a block of workgroup memory by loads of four numbers.
 *
 * @module
 */
import { repeat } from "../vectors.ts";
import { u32 } from "../wgsl.ts";
import type { Block, Filling, Name } from "./staging.ts";
import { invocationsOf } from "./tile.ts";

/** Which numbers a load gives: what is known of their outer index, that index, and their step. */
export interface Load {
  readonly place: string;
  readonly outer: string;
  readonly k: string;
}

/** A load, zeros outside of the matrix. */
export function loadOf(
  name: Name,
  { end, outer, ragged }: Block,
  { place, outer: index, k }: Load,
): string {
  const tests = [
    ...end % outer === 0 ? [] : [`${index} < ${u32(end)}`],
    ...ragged ? [`${k} < k_end`] : [],
  ];
  return tests.length === 0
    ? `load_${name}(${place}, ${k})`
    : `load_${name}_if(${tests.join(" && ")}, ${place}, ${k})`;
}

/** The last outer index that a load may start at. */
export function lastStart({ end }: Block, step: number): string {
  return u32(Math.max(0, end - step));
}

/**
 * The first column of a quad, from the number of the quad within its block, as WGSL. Those of an
 * invocation lie side by side where they can be stored at once. Where they cannot, they are `beside`
 * columns apart, as many as a row of invocations has: neighbours then store neighbouring numbers.
 */
export function columnOf(quad: string, beside: number): string {
  if (beside === 1) return `${quad} * 4u`;
  return `(${quad} / ${u32(beside)} * ${u32(4 * beside)} + ${quad} % ${u32(beside)})`;
}

/** Neighbours along the outer axis: the block is kept [k][outer / 4]. */
export function alongOuter(name: Name, block: Block): Filling {
  const { outer, tile: { depth } } = block;
  const quads = outer / 4, step = invocationsOf(block.tile) / quads;
  return {
    steps: false,
    pitch: quads,
    places: (start) =>
      `  let ${name}_outer = ${start} + local % ${u32(quads)} * 4u;\n` +
      `  let ${name}_step = local / ${u32(quads)};\n` +
      `  let ${name}_place0 = place_${name}(min(${name}_outer + 0u, ${lastStart(block, 4)}));`,
    fill: repeat(Math.ceil(depth / step), (i) => {
      const k = `${name}_step + ${u32(i * step)}`;
      const value = loadOf(name, block, {
        place: `${name}_place0`,
        outer: `${name}_outer + 0u`,
        k: `base + ${k}`,
      });
      const line = `tile_${name}[(${k}) * ${u32(quads)} + local % ${u32(quads)}] = ${value};`;
      return (i + 1) * step <= depth ? `    ${line}` : `    if (${k} < ${u32(depth)}) { ${line} }`;
    }),
  };
}

/** Quads from row to row of steps: one more than there are, so that rows meet no bank twice. */
export function stepsPitch(depth: number): number {
  return depth / 4 + 1;
}

/** Neighbours along k: A is kept as it lies, [m][k / 4]. */
export function alongInner(block: Block): Filling {
  const { outer, tile: { depth } } = block, pitch = stepsPitch(depth);
  const quads = depth / 4,
    step = invocationsOf(block.tile) / quads,
    rounds = Math.ceil(outer / step);
  return {
    steps: true,
    pitch,
    places: (start) =>
      [
        `  let a_step = local % ${u32(quads)} * 4u;`,
        `  let a_outer = ${start} + local / ${u32(quads)};`,
        repeat(rounds, (i) =>
          `  let a_place${i} = place_a(min(a_outer + ${u32(i * step)}, ${lastStart(block, 1)}));`),
      ].join("\n"),
    fill: repeat(rounds, (i) => {
      const value = loadOf("a", block, {
        place: `a_place${i}`,
        outer: `a_outer + ${u32(i * step)}`,
        k: "base + a_step + 0u",
      });
      const at = `(local / ${u32(quads)} + ${u32(i * step)})`;
      const line = `tile_a[${at} * ${u32(pitch)} + local % ${u32(quads)}] = ${value};`;
      return (i + 1) * step <= outer ? `    ${line}` : `    if (${at} < ${u32(outer)}) { ${line} }`;
    }),
  };
}

/** Neighbours along k: blocks of 4 columns by 4 steps are turned in registers, B is [k][n / 4]. */
export function turned(block: Block): Filling {
  const { outer, beside, tile: { depth } } = block;
  const invocations = invocationsOf(block.tile), quads = depth / 4;
  const blocks = outer / 4 * quads, rounds = Math.ceil(blocks / invocations);
  const indexOf = (round: number) => `(local + ${u32(round * invocations)})`;
  return {
    steps: false,
    pitch: outer / 4,
    places: (start) =>
      repeat(rounds, (i) => {
        const first = `b_outer${i}`, quad = `${indexOf(i)} / ${u32(quads)}`;
        return [
          `  let ${first} = ${start} + ${columnOf(quad, beside)};`,
          repeat(4, (j) => {
            const at = `min(${first} + ${u32(j * beside)}, ${lastStart(block, 1)})`;
            return `  let b_place${i}_${j} = place_b(${at});`;
          }),
        ].join("\n");
      }),
    fill: repeat(rounds, (i) => {
      const step = `${indexOf(i)} % ${u32(quads)} * 4u`;
      const loads = repeat(4, (j) => {
        const value = loadOf("b", block, {
          place: `b_place${i}_${j}`,
          outer: `b_outer${i} + ${u32(j * beside)}`,
          k: "base + step + 0u",
        });
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
