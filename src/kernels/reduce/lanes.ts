/**
 * Shader text for workgroups that reduce: `columns` outputs side by side, each shared by `lanes`
 * invocations, whose results meet in a tree in workgroup memory. The order of every sum is fixed
 * by the shapes alone, so equal runs give equal bits.
 *
 * @module
 */
import { foldWorkgroups, ravel, u32, unravel, wgsl } from "../wgsl.ts";
import type { ReducePlan } from "./plan.ts";

/** Most invocations of a workgroup, by default limits. */
const INVOCATIONS = 256;
/** Workgroups that keep a GPU busy; fewer make a reduction go in two stages. */
const BUSY = 128;
/** Elements that a lane should have at least before a second stage pays. */
const WORTH = 8;

/** How a reduction is spread over workgroups. */
export interface Lanes {
  /** Outputs per workgroup. */
  readonly columns: number;
  /** Invocations per output; a power of two. */
  readonly lanes: number;
  /** Workgroups that share one output; each leaves a part for a second stage. */
  readonly splits: number;
  /** Elements of an output per split. */
  readonly chunk: number;
}

/** Text of an entry point, and how it is launched. */
export interface Main {
  readonly code: string;
  readonly workgroups: readonly [number, number, number];
}

/** A way to spread reductions over invocations. */
export interface Spread {
  layoutOf(plan: ReducePlan, splittable: boolean): Lanes;
  /** A `main` around a body that finds what `laneMain` says. */
  main(plan: ReducePlan, layout: Lanes, body: string): Main;
}

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, atLeast)));
}

/**
 * Spreads a plan over workgroups. Neighbouring invocations read neighbouring elements: lanes run
 * along rows, columns side by side otherwise.
 */
export function lanesOf({ rows, outputs, count }: ReducePlan, splittable: boolean): Lanes {
  const wanted = powerOfTwo(count / 4);
  const widest = rows ? Math.max(1, 64 / wanted) : 64;
  const columns = Math.min(widest, powerOfTwo(outputs));
  const lanes = Math.min(wanted, INVOCATIONS / columns);
  const groups = Math.ceil(outputs / columns);
  const most = Math.min(Math.floor(BUSY / groups), Math.floor(count / (lanes * WORTH)));
  if (!splittable || most < 4) return { columns, lanes, splits: 1, chunk: count };
  const chunk = Math.ceil(count / most / lanes) * lanes;
  return { columns, lanes, splits: Math.ceil(count / chunk), chunk };
}

/** Elements between neighbouring lanes in workgroup memory, and the place of an invocation. */
function places({ columns, lanes }: Lanes, rows: boolean): readonly [number, string, string] {
  if (rows) return [1, `local % ${u32(lanes)}`, `local / ${u32(lanes)}`];
  return [columns, `local / ${u32(columns)}`, `local % ${u32(columns)}`];
}

/** Functions of WGSL: element r of output o is x[start_of(o) + step_of(r)]. */
export function offsetFunctions(plan: ReducePlan): string {
  return wgsl`fn start_of(o: u32) -> u32 {
${unravel("o", "k", plan.kept)}
  return ${ravel("k", plan.keptStrides)};
}

fn step_of(r: u32) -> u32 {
${unravel("r", "k", plan.reduced)}
  return ${ravel("k", plan.reducedStrides)};
}
`;
}

/**
 * A function `name(local, value)` that every invocation calls and that gives all lanes of an output
 * the combination of their values; `combine` is an expression of a and b, a from the lower lane.
 */
export function treeFunction(
  name: string,
  type: string,
  options: { readonly layout: Lanes; readonly rows: boolean; readonly combine: string },
): string {
  const { layout, rows, combine } = options;
  const [step, lane] = places(layout, rows);
  const halves: string[] = [];
  for (let half = layout.lanes / 2; half >= 1; half /= 2) {
    halves.push(`  if (lane < ${u32(half)}) {
    let a = ${name}_shared[local];
    let b = ${name}_shared[local + ${u32(half * step)}];
    ${name}_shared[local] = ${combine};
  }
  workgroupBarrier();`);
  }
  if (halves.length === 0) {
    return `fn ${name}(local: u32, value: ${type}) -> ${type} { return value; }\n`;
  }
  return wgsl`var<workgroup> ${name}_shared: array<${type}, ${layout.lanes * layout.columns}>;

fn ${name}(local: u32, value: ${type}) -> ${type} {
  let lane = ${lane};
  ${name}_shared[local] = value;
  workgroupBarrier();
${halves.join("\n")}
  let result = ${name}_shared[local - lane * ${u32(step)}];
  workgroupBarrier();
  return result;
}
`;
}

/**
 * A `main` around `body`, which finds: `o`, its output; `first` and `end`, so that its elements
 * are first, first + lanes, ... below end; `part`, where a result goes; `writes`, whether it is the
 * one to write. Invocations beyond the last output repeat it, so that all may reach the barriers.
 */
export function laneMain(
  plan: ReducePlan,
  layout: Lanes,
  body: string,
): Main {
  const { columns, lanes, splits, chunk } = layout;
  const [, lane, column] = places(layout, plan.rows);
  const groups = Math.ceil(plan.outputs / columns) * splits;
  const workgroups = foldWorkgroups(groups);
  const code = wgsl`
@compute @workgroup_size(${columns * lanes})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * ${u32(workgroups[0])} + group.x;
  if (flat >= ${u32(groups)}) { return; }
  let lane = ${lane};
  let place = flat / ${u32(splits)} * ${u32(columns)} + ${column};
  let o = min(place, ${u32(plan.outputs - 1)});
  let begin = flat % ${u32(splits)} * ${u32(chunk)};
  let first = begin + lane;
  let end = min(begin + ${u32(chunk)}, ${u32(plan.count)});
  let part = flat % ${u32(splits)} * ${u32(plan.outputs)} + o;
  let writes = lane == 0u && place < ${u32(plan.outputs)};
${body}
}
`;
  return { code, workgroups };
}

/** Invocations of a workgroup share outputs and wait for each other. */
export const TOGETHER: Spread = { layoutOf: lanesOf, main: laneMain };
