import { sizeOf } from "../../shape.ts";
import type { Program, Spec } from "../kernel.ts";
import { declare, NOTHING, perElement, u32 } from "../wgsl.ts";
import { NORMAL_PAIR, PHILOX } from "./philox.ts";
import { exampleSizes, type RandomParams } from "./stream.ts";

/**
 * Statements for invocation i, which draws one block of four elements: `words`, their place
 * `start`, and how many of them there are. The key's buffer is `key`, that of the ids `ids`.
 */
export function drawBlock(each: number, withIds: boolean): string {
  const blocks = Math.ceil(each / 4);
  return `  let n = i / ${u32(blocks)};
  let block = i % ${u32(blocks)};
  let example = ${withIds ? "u32(ids[n])" : "0u"};
  let words = philox(vec4u(block, example, key[3], key[2]), vec2u(key[0], key[1]));
  let start = n * ${u32(each)} + block * 4u;
  let left = ${u32(each)} - block * 4u;`;
}

/** Statements that hand lanes 0 to 3 to `store`, those that exist; `i` becomes `start + lane`. */
export function storeBlock(each: number, store: (lane: number, at: string) => string): string {
  return [0, 1, 2, 3].map((lane) => {
    const line = store(lane, `start + ${lane}u`);
    return each % 4 === 0 || lane === 0 ? `  ${line}` : `  if (left > ${lane}u) { ${line} }`;
  }).join("\n");
}

/** One invocation per block of four elements. */
export function randomProgram(
  key: Spec,
  ids: Spec | undefined,
  y: Spec,
  { distribution }: RandomParams,
): Program {
  if (sizeOf(y.shape) === 0) return NOTHING;
  const [count, each] = exampleSizes(y.shape, ids);
  const inputs = ids === undefined ? [] : [["ids", ids] as const];
  const normal = distribution === "normal";
  const four = normal
    ? "vec4f(normal_pair(words.x, words.y), normal_pair(words.z, words.w))"
    : "vec4f(words >> vec4u(8u)) * 0x1p-24f";
  return {
    dispatches: [perElement({
      size: count * Math.ceil(each / 4),
      declarations: [
        declare([["key", key], ...inputs, ["y", y]], 1 + inputs.length),
        PHILOX,
        normal ? NORMAL_PAIR : "",
      ].join("\n"),
      operands: Array.from({ length: inputs.length + 2 }, (_, i) => i),
      body: `${drawBlock(each, ids !== undefined)}
  let four = ${four};
${storeBlock(each, (lane, at) => `y[${at}] = four[${lane}];`)}`,
    })],
  };
}
