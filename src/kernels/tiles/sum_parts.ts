/**
 * Adds up what workgroups that shared a sum have left: the second pass of products whose sum over k
 * is split. One dispatch can add up the parts of several products, each with its own sizes.
 *
 * @module
 */
import { type Epilogue, epiloguePlaces, epilogueText, NO_EPILOGUE } from "../epilogue.ts";
import type { Dispatch, PartsSum } from "../kernel.ts";
import { foldWorkgroups, u32, wgsl } from "../wgsl.ts";

const INVOCATIONS = 256;
/** Invocations that share one sum, at most. */
const MOST_LANES = 16;

/** Where a sum goes: a buffer, counted from 0, and the number of its elements before. */
export type Target = readonly [buffer: number, offset: number];

/** One product's parts. */
export interface Segment extends PartsSum {
  /** Elements before the first part. */
  readonly from: number;
  readonly to: Target;
  /** Where sums from `cut` on go. */
  readonly second?: Target | undefined;
}

/** Invocations per sum; a power of two. */
function lanesFor({ splits, waits }: PartsSum): number {
  return waits ? Math.min(MOST_LANES, 2 ** Math.ceil(Math.log2(Math.max(1, splits / 4)))) : 1;
}

/** The shader for these segments; parts are bound first, then `targets` buffers of sums. */
export function sumSegments(
  segments: readonly Segment[],
  targets: number,
  epilogue: Epilogue = NO_EPILOGUE,
): Pick<Dispatch, "code" | "workgroups"> {
  let groups = 0;
  const cases = segments.map((segment, at) => {
    const { splits, size, from } = segment, lanes = lanesFor(segment), first = groups;
    groups += Math.ceil(size * lanes / INVOCATIONS);
    return wgsl`if (flat < ${u32(groups)}) {
    segment = ${u32(at)}; first = ${u32(first)}; lanes = ${u32(lanes)};
    splits = ${u32(splits)}; size = ${u32(size)}; start = ${u32(from)};
  }`;
  });
  const stores = segments.map(({ cut, to, second }, at) => {
    const [buffer, offset] = to;
    const first = `sums${buffer}[${u32(offset)} + o] = epilogue(o, sum);`;
    if (second === undefined) return `  if (segment == ${u32(at)}) { ${first} }`;
    const [other, begin] = second;
    return `  if (segment == ${u32(at)}) {
    if (o < ${u32(cut)}) { ${first} } else { sums${other}[${u32(begin - cut)} + o] = sum; }
  }`;
  });
  const waits = segments.some((segment) => lanesFor(segment) > 1);
  const workgroups = foldWorkgroups(groups);
  const names = ["parts", ...Array.from({ length: targets }, (_, k) => `sums${k}`)];
  const declared = names.map((name, k) => {
    return `@group(0) @binding(${k}) var<storage, read_write> ${name}: array<f32>;`;
  });
  const code = wgsl`${declared.join("\n")}
${epilogueText(epilogue, names.length)}
#if ${waits}
var<workgroup> shared_sums: array<f32, ${INVOCATIONS}>;
#endif

@compute @workgroup_size(${INVOCATIONS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * ${u32(workgroups[0])} + group.x;
  if (flat >= ${u32(groups)}) { return; }
  var segment = 0u; var first = 0u; var lanes = 1u;
  var splits = 0u; var size = 0u; var start = 0u;
  ${cases.join(" else ")}
  let columns = ${u32(INVOCATIONS)} / lanes;
  let lane = local / columns;
  let o = (flat - first) * columns + local % columns;
  var sum = 0.0;
  if (o < size) {
    for (var r = lane; r < splits; r += lanes) { sum += parts[start + r * size + o]; }
  }
  #if ${waits}
  shared_sums[local] = sum;
  workgroupBarrier();
  for (var half = lanes / 2u; half > 0u; half /= 2u) {
    if (lane < half) { shared_sums[local] += shared_sums[local + half * columns]; }
    workgroupBarrier();
  }
  sum = shared_sums[local];
  #endif
  if (lane > 0u || o >= size) { return; }
${stores.join("\n")}
}
`;
  return { code, workgroups };
}

/**
 * Adds up parts, always in the same order. `operands` are the places of the parts and of the sums;
 * those from `cut` on go to a second output.
 */
export function sumParts(
  { splits, size, cut = size, waits = true }: {
    readonly splits: number;
    readonly size: number;
    readonly cut?: number;
    readonly waits?: boolean;
  },
  operands: readonly [parts: number, sums: number, ...second: readonly number[]],
  epilogue: Epilogue = NO_EPILOGUE,
): Dispatch {
  const sums = { splits, size, cut, waits }, isWhole = cut === size;
  const second: Target | undefined = isWhole ? undefined : [1, 0];
  const segment: Segment = { ...sums, from: 0, to: [0, 0], second };
  return {
    ...sumSegments([segment], isWhole ? 1 : 2, epilogue),
    operands: [...operands, ...epiloguePlaces(epilogue)],
    ...epilogue === NO_EPILOGUE ? { sums } : {},
  };
}
