import { type Shape, sizeOf } from "../../shape.ts";
import type { Candidate, Dispatch, Program, Spec } from "../kernel.ts";
import { declare, f32, NOTHING, typeName, u32, wgsl } from "../wgsl.ts";
import {
  laneMain,
  type Lanes,
  lanesOf,
  offsetFunctions,
  type Spread,
  TOGETHER,
  treeFunction,
} from "./lanes.ts";
import { type ReducePlan, reducePlan } from "./plan.ts";
import { spreadWays } from "./ways.ts";
import { valueAloneProgram } from "./webgpu_alone.ts";

/** How two values become one. */
export type Combination = "sum" | "max" | "min";

const COMBINE = { sum: "a + b", max: "max(a, b)", min: "min(a, b)" } as const;
/** Where a lane starts: for extremes at one of its elements or, if it has none, at the last. */
const START = {
  sum: "T(0)",
  max: "x[start + step_of(min(first, end - 1u))]",
  min: "x[start + step_of(min(first, end - 1u))]",
} as const;

interface Stage {
  readonly plan: ReducePlan;
  readonly layout: Lanes;
  readonly operands: readonly number[];
}

function valueStage(
  combination: Combination,
  spec: Spec,
  { plan, layout, operands, divisor }: Stage & { readonly divisor: number },
): Dispatch {
  const result = divisor === 1 ? "result" : `result / ${f32(divisor)}`;
  const combine = COMBINE[combination];
  const { code, workgroups } = laneMain(
    plan,
    layout,
    wgsl`  let start = start_of(o);
  var value = ${START[combination]};
  for (var r = first; r < end; r += ${u32(layout.lanes)}) {
    let a = value;
    let b = x[start + step_of(r)];
    value = ${combine};
  }
  let result = merge(local, value);
  if (writes) { y[part] = ${result}; }`,
  );
  const tree = treeFunction("merge", "T", { layout, rows: plan.rows, combine });
  return {
    code: wgsl`alias T = ${typeName(spec.dtype)};
${declare([["x", spec], ["y", spec]], operands[0] === 0 ? 1 : 0)}

${offsetFunctions(plan)}
${tree}${code}`,
    operands,
    workgroups,
  };
}

/** The plan of the second stage: parts [splits, outputs] over their first axis. */
function partPlan(layout: Lanes, outputs: number): ReducePlan {
  return reducePlan([layout.splits, outputs], [0]);
}

/** Sum, largest or smallest value; sums are divided by `divisor` at the very end. */
export function valueProgram(
  combination: Combination,
  x: Spec,
  { axes, divisor = 1 }: { readonly axes: readonly number[]; readonly divisor?: number },
): Program {
  const plan = reducePlan(x.shape, axes);
  if (plan.outputs === 0) return NOTHING;
  const layout = lanesOf(plan, true);
  if (layout.splits === 1) {
    return {
      dispatches: [valueStage(combination, x, { plan, layout, operands: [0, 1], divisor })],
    };
  }
  const parts: Shape = [layout.splits, plan.outputs];
  const second = partPlan(layout, plan.outputs);
  return {
    scratch: [{ shape: parts, dtype: x.dtype }],
    dispatches: [
      valueStage(combination, x, { plan, layout, operands: [0, 2], divisor: 1 }),
      valueStage(combination, x, {
        plan: second,
        layout: lanesOf(second, false),
        operands: [2, 1],
        divisor,
      }),
    ],
  };
}

/** Both ways of `valueProgram`, the first for GPUs. */
export function valueWays(
  combination: Combination,
  x: Spec,
  options: { readonly axes: readonly number[]; readonly divisor?: number },
): readonly Candidate[] {
  const plan = reducePlan(x.shape, options.axes);
  if (plan.outputs === 0) return [];
  return spreadWays(lanesOf(plan, true), (spread) => {
    const programOf = spread === TOGETHER ? valueProgram : valueAloneProgram;
    return programOf(combination, x, options);
  });
}

/** `better` is > or <. Candidates are 0, 1, ... or, in a second stage, what the parts found. */
function argumentStage(
  better: ">" | "<",
  specs: readonly [x: Spec, y: Spec],
  { plan, layout, operands, of, main }: Stage & {
    readonly of: ReducePlan;
    readonly main: Spread["main"];
  },
): Dispatch {
  const [x, y] = specs;
  const second = plan !== of;
  const found = { dtype: "u32" } as const;
  const target = second || layout.splits === 1 ? y : found;
  const candidate = second ? `found[r * ${u32(plan.outputs)} + o]` : "r";
  const { code, workgroups } = main(
    plan,
    layout,
    wgsl`  var best = candidate(o, min(first, end - 1u));
  for (var r = first; r < end; r += ${u32(layout.lanes)}) {
    best = first_best(best, candidate(o, r));
  }
  let result = merge(local, best);
  if (writes) { y[part] = ${typeName(target.dtype)}(result.at); }`,
  );
  const tree = treeFunction("merge", "Candidate", {
    layout,
    rows: plan.rows,
    combine: "first_best(a, b)",
  });
  const operandSpecs = second
    ? [["x", x], ["found", found], ["y", y]] as const
    : [["x", x], ["y", target]] as const;
  return {
    code: wgsl`alias T = ${typeName(x.dtype)};
${declare(operandSpecs, 1)}

struct Candidate { value: T, at: u32 }

${offsetFunctions(of)}
fn candidate(o: u32, r: u32) -> Candidate {
  let at = ${candidate};
  return Candidate(x[start_of(o) + step_of(at)], at);
}

fn first_best(a: Candidate, b: Candidate) -> Candidate {
  if (b.value ${better} a.value || (b.value == a.value && b.at < a.at)) { return b; }
  return a;
}

${tree}${code}`,
    operands,
    workgroups,
  };
}

/** Index of the first largest (`>`) or smallest (`<`) element along an axis. */
export function argumentProgram(
  better: ">" | "<",
  specs: readonly [x: Spec, y: Spec],
  { axes, spread = TOGETHER }: { readonly axes: readonly number[]; readonly spread?: Spread },
): Program {
  const of = reducePlan(specs[0].shape, axes);
  if (sizeOf(specs[1].shape) === 0) return NOTHING;
  const { layoutOf, main } = spread, layout = layoutOf(of, true);
  if (layout.splits === 1) {
    return {
      dispatches: [argumentStage(better, specs, { plan: of, layout, operands: [0, 1], of, main })],
    };
  }
  const plan = partPlan(layout, of.outputs);
  return {
    scratch: [{ shape: [layout.splits, of.outputs], dtype: "u32" }],
    dispatches: [
      argumentStage(better, specs, { plan: of, layout, operands: [0, 2], of, main }),
      argumentStage(better, specs, {
        plan,
        layout: layoutOf(plan, false),
        operands: [0, 2, 1],
        of,
        main,
      }),
    ],
  };
}

/** Both ways of `argumentProgram`, the first for GPUs. */
export function argumentWays(
  better: ">" | "<",
  specs: readonly [x: Spec, y: Spec],
  axes: readonly number[],
): readonly Candidate[] {
  if (sizeOf(specs[1].shape) === 0) return [];
  return spreadWays(lanesOf(reducePlan(specs[0].shape, axes), true), (spread) => {
    return argumentProgram(better, specs, { axes, spread });
  });
}
