import { sizeOf } from "../../shape.ts";
import type { Program, Spec } from "../kernel.ts";
import { laneMain, lanesOf, offsetFunctions, treeFunction } from "../reduce/lanes.ts";
import { reducePlan } from "../reduce/plan.ts";
import { declare, NOTHING, typeName, u32, wgsl } from "../wgsl.ts";

/** What is written for an element, from `value` (shifted by the largest) and `total`. */
const ELEMENT = { softmax: "exp(value) / total", logSoftmax: "value - log(total)" } as const;

/** One workgroup for some rows, several invocations per row: largest, sum, result. */
export function softmaxProgram(
  name: "softmax" | "logSoftmax" | "logSumExp",
  x: Spec,
  axis: number,
): Program {
  const plan = reducePlan(x.shape, [axis]);
  if (sizeOf(x.shape) === 0) return NOTHING;
  const layout = lanesOf(plan, false);
  const { rows } = plan;
  const lanes = u32(layout.lanes);
  const result = name === "logSumExp"
    ? "  if (writes) { y[part] = largest + log(total); }"
    : `  if (place >= ${u32(plan.outputs)}) { return; }
  for (var r = first; r < end; r += ${lanes}) {
    let at = start + step_of(r);
    let value = x[at] - largest;
    y[at] = ${ELEMENT[name]};
  }`;
  const { code, workgroups } = laneMain(
    plan,
    layout,
    wgsl`  let start = start_of(o);
  var value = x[start + step_of(min(first, end - 1u))];
  for (var r = first; r < end; r += ${lanes}) { value = max(value, x[start + step_of(r)]); }
  let largest = merge_largest(local, value);
  value = 0.0;
  for (var r = first; r < end; r += ${lanes}) { value += exp(x[start + step_of(r)] - largest); }
  let total = merge_sum(local, value);
${result}`,
  );
  const type = typeName(x.dtype);
  return {
    dispatches: [{
      code: wgsl`${declare([["x", x], ["y", x]], 1)}

${offsetFunctions(plan)}
${treeFunction("merge_largest", type, { layout, rows, combine: "max(a, b)" })}
${treeFunction("merge_sum", type, { layout, rows, combine: "a + b" })}${code}`,
      operands: [0, 1],
      workgroups,
    }],
  };
}
