/**
 * Shader text for reductions in which nobody waits: an invocation goes over its output, or over a
 * share of it, by itself. Invocations are few and their sums long, which GPUs do not like; on
 * software adapters barriers cost a hundred times more.
 *
 * @module
 */
import { component, vectorType, type Width, widthOf } from "../vectors.ts";
import { foldWorkgroups, u32, wgsl } from "../wgsl.ts";
import type { Lanes, Main, Spread } from "./lanes.ts";
import type { ReducePlan } from "./plan.ts";

/** Invocations of a workgroup: few, so that also few outputs keep all cores busy. */
const WORKGROUP = 16;
/** Invocations among which outputs are shared, where they are fewer. */
const ENOUGH = 1024;
/** Least elements of a share. */
const LEAST = 64;

/** One lane for each output, or for each share of one. */
function aloneOf({ outputs, count }: ReducePlan, splittable: boolean): Lanes {
  const most = Math.min(Math.floor(ENOUGH / outputs), Math.floor(count / LEAST));
  if (!splittable || most < 2) return { columns: WORKGROUP, lanes: 1, splits: 1, chunk: count };
  const chunk = Math.ceil(count / most);
  return { columns: WORKGROUP, lanes: 1, splits: Math.ceil(count / chunk), chunk };
}

/** The same as `laneMain`, with an invocation for each part; none repeats another. */
function aloneMain(plan: ReducePlan, { splits, chunk }: Lanes, body: string): Main {
  const { outputs, count } = plan, parts = outputs * splits;
  const workgroups = foldWorkgroups(Math.ceil(parts / WORKGROUP));
  const code = wgsl`
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = (group.y * ${u32(workgroups[0])} + group.x) * ${u32(WORKGROUP)} + local;
  if (part >= ${u32(parts)}) { return; }
  let place = part % ${u32(outputs)};
  let o = place;
  let first = part / ${u32(outputs)} * ${u32(chunk)};
  let end = min(first + ${u32(chunk)}, ${u32(count)});
  let writes = true;
${body}
}
`;
  return { code, workgroups };
}

/** Nobody waits. */
export const ALONE: Spread = { layoutOf: aloneOf, main: aloneMain };

/** A plan in vectors of neighbours, as wide as its innermost axis allows. */
export function inVectors(plan: ReducePlan): { readonly plan: ReducePlan; readonly width: Width } {
  const { kept, reduced, rows } = plan, inner = rows ? reduced : kept;
  const size = inner.at(-1) ?? 1, width = size === 0 ? 1 : widthOf(size);
  if (width === 1) return { plan, width };
  const sizes = inner.with(-1, size / width);
  // Neighbours lie side by side; everything else is a multiple of the innermost axis away.
  const apart = (strides: readonly number[]) =>
    strides.map((step) => step === 1 ? 1 : step / width);
  return {
    width,
    plan: {
      ...plan,
      kept: rows ? kept : sizes,
      keptStrides: apart(plan.keptStrides),
      reduced: rows ? sizes : reduced,
      reducedStrides: apart(plan.reducedStrides),
      outputs: rows ? plan.outputs : plan.outputs / width,
      count: rows ? plan.count / width : plan.count,
    },
  };
}

/**
 * The same as `treeFunction`, for an invocation that has been everywhere: a vector along a row is
 * combined to a number, one over several outputs is what it is.
 */
export function acrossFunction(
  name: string,
  type: "f32" | "i32" | "u32",
  { rows, width, combine }: {
    readonly rows: boolean;
    readonly width: Width;
    readonly combine: string;
  },
): string {
  const vector = vectorType(width, type);
  if (!rows || width === 1) {
    return `fn ${name}(local: u32, value: ${vector}) -> ${vector} { return value; }\n`;
  }
  const parts = Array.from({ length: width }, (_, k) => component("value", width, k));
  const all = parts.reduce((a, b) => `${name}_two(${a}, ${b})`);
  return wgsl`fn ${name}_two(a: ${type}, b: ${type}) -> ${type} { return ${combine}; }

fn ${name}(local: u32, value: ${vector}) -> ${type} { return ${all}; }
`;
}
