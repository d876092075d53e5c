/**
 * How a tiled product stores its result in rows, and how parts of sums are added up.
 *
 * @module
 */
import { type Epilogue, epiloguePlaces, epilogueText } from "../epilogue.ts";
import type { Dispatch } from "../kernel.ts";
import { laneMain, lanesOf, treeFunction } from "../reduce/lanes.ts";
import { reducePlan } from "../reduce/plan.ts";
import { u32, wgsl } from "../wgsl.ts";

/**
 * `store` for a result of rows of N numbers, declared as vectors of four where `vectors`; row m of
 * plane p begins at p `plane` + m N. Calls epilogue() unless parts of sums are stored.
 */
export function storeRows(
  name: string,
  N: number,
  options: { readonly start: string; readonly parts?: boolean; readonly vectors: boolean },
): string {
  const { start, parts = false, vectors } = options;
  const finished = (part: number) => {
    const value = `values.${"xyzw"[part]}`;
    return parts ? value : `epilogue(at + ${u32(part)}, ${value})`;
  };
  if (vectors) {
    return wgsl`fn store(m: u32, n: u32, values: vec4f) {
  let at = ${start} + m * ${u32(N)} + n;
  ${name}[at / 4u] = vec4f(${[0, 1, 2, 3].map(finished).join(", ")});
}
`;
  }
  const rest = [1, 2, 3].map((part) =>
    `  if (n + ${u32(part)} < ${u32(N)}) { ${name}[at + ${u32(part)}] = ${finished(part)}; }`
  );
  return wgsl`fn store(m: u32, n: u32, values: vec4f) {
  let at = ${start} + m * ${u32(N)} + n;
  ${name}[at] = ${finished(0)};
${rest.join("\n")}
}
`;
}

/**
 * Adds up `splits` parts of `size` numbers each, always in the same order. `operands` are the places
 * of the parts and of the sums.
 */
export function sumParts(
  { splits, size }: { readonly splits: number; readonly size: number },
  operands: readonly [parts: number, sums: number],
  epilogue: Epilogue,
): Dispatch {
  const plan = reducePlan([splits, size], [0]);
  const layout = lanesOf(plan, false);
  const { code, workgroups } = laneMain(
    plan,
    layout,
    wgsl`  var sum = 0.0;
  for (var r = first; r < end; r += ${u32(layout.lanes)}) {
    sum += parts[r * ${u32(plan.outputs)} + o];
  }
  let result = merge(local, sum);
  if (writes) { sums[o] = epilogue(o, result); }`,
  );
  const tree = treeFunction("merge", "f32", { layout, rows: plan.rows, combine: "a + b" });
  return {
    code: wgsl`@group(0) @binding(0) var<storage, read_write> parts: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;
${epilogueText(epilogue, 2)}
${tree}${code}`,
    operands: [...operands, ...epiloguePlaces(epilogue)],
    workgroups,
  };
}
