import { sizeOf } from "../../shape.ts";
import type { Candidate, Program, Spec } from "../kernel.ts";
import { acrossFunction, ALONE, inVectors } from "../reduce/alone.ts";
import { lanesOf, offsetFunctions, type Spread, TOGETHER, treeFunction } from "../reduce/lanes.ts";
import { type ReducePlan, reducePlan } from "../reduce/plan.ts";
import { spreadWays } from "../reduce/ways.ts";
import { declareVectors, vectorType, type Width } from "../vectors.ts";
import { NOTHING, typeName, u32, wgsl } from "../wgsl.ts";

/** Names of the kernels. */
type Name = "softmax" | "logSoftmax" | "logSumExp";

/** What is written for an element, from `value` (shifted by the largest) and `total`. */
const ELEMENT = { softmax: "exp(value) / total", logSoftmax: "value - log(total)" } as const;

/** How a program goes over its rows. */
interface Walk {
  readonly plan: ReducePlan;
  /** Neighbours that are read at once. */
  readonly width: Width;
  readonly spread: Spread;
}

/** Some invocations per row, or one: largest, sum, result. */
function programOf(name: Name, { dtype }: Spec, { plan, width, spread }: Walk): Program {
  const type = typeName(dtype) as "f32";
  const layout = spread.layoutOf(plan, false), lanes = u32(layout.lanes);
  const written = name === "logSumExp" && plan.rows ? 1 : width;
  const result = name === "logSumExp"
    ? "  if (writes) { y[part] = largest + log(total); }"
    : `  if (place >= ${u32(plan.outputs)}) { return; }
  for (var r = first; r < end; r += ${lanes}) {
    let at = start + step_of(r);
    let value = x[at] - largest;
    y[at] = ${ELEMENT[name]};
  }`;
  const { code, workgroups } = spread.main(
    plan,
    layout,
    wgsl`  let start = start_of(o);
  var value = x[start + step_of(min(first, end - 1u))];
  for (var r = first; r < end; r += ${lanes}) { value = max(value, x[start + step_of(r)]); }
  let largest = merge_largest(local, value);
  value = ${width === 1 ? "0.0" : `${vectorType(width, type)}()`};
  for (var r = first; r < end; r += ${lanes}) { value += exp(x[start + step_of(r)] - largest); }
  let total = merge_sum(local, value);
${result}`,
  );
  const merge = (name: string, combine: string): string => {
    const { rows } = plan;
    return spread === TOGETHER
      ? treeFunction(name, type, { layout, rows, combine })
      : acrossFunction(name, type, { rows, width, combine });
  };
  return {
    dispatches: [{
      code: wgsl`${declareVectors([["x", width, type], ["y", written, type]], 1)}

${offsetFunctions(plan)}
${merge("merge_largest", "max(a, b)")}
${merge("merge_sum", "a + b")}${code}`,
      operands: [0, 1],
      workgroups,
    }],
  };
}

/** Softmax or a relative of it along an axis. */
export function softmaxProgram(
  name: Name,
  x: Spec,
  { axis, spread = TOGETHER }: { readonly axis: number; readonly spread?: Spread },
): Program {
  if (sizeOf(x.shape) === 0) return NOTHING;
  const plan = reducePlan(x.shape, [axis]);
  return programOf(name, x, { ...spread === ALONE ? inVectors(plan) : { plan, width: 1 }, spread });
}

/** Both ways of `softmaxProgram`, the first for GPUs. */
export function softmaxWays(name: Name, x: Spec, axis: number): readonly Candidate[] {
  if (sizeOf(x.shape) === 0) return [];
  return spreadWays(lanesOf(reducePlan(x.shape, [axis]), false), (spread) => {
    return softmaxProgram(name, x, { axis, spread });
  });
}
