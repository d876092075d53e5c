import { sizeOf } from "../../shape.ts";
import type { Candidate, Program, Spec } from "../kernel.ts";
import { lanesOf, type Spread, TOGETHER, treeFunction } from "../reduce/lanes.ts";
import { reducePlan } from "../reduce/plan.ts";
import { spreadWays } from "../reduce/ways.ts";
import { declare, f32, NOTHING, u32, wgsl } from "../wgsl.ts";
import { type EuclideanStepParams, SHRINK } from "./params.ts";

/** Largest number that a literal can be: a ball without end. */
const MOST = 3e38;

/**
 * One workgroup per example, in one dispatch: three passes over it that end in a tree, and one that
 * writes. After the first pass the numbers come from caches.
 */
export function euclideanStepProgram(
  x: Spec,
  { stepSize, eps, box: [low, high] }: EuclideanStepParams,
  { layoutOf, main }: Spread = TOGETHER,
): Program {
  if (sizeOf(x.shape) === 0) return NOTHING;
  const [rows] = x.shape as [number], size = sizeOf(x.shape) / rows;
  const plan = reducePlan([rows, size], [1]), layout = layoutOf(plan, false);
  const each = (statement: string): string =>
    `  for (var r = first; r < end; r += ${u32(layout.lanes)}) { ${statement} }`;
  const tree = (name: string, combine: string): string => {
    return treeFunction(name, "f32", { layout, rows: plan.rows, combine });
  };
  const { code, workgroups } = main(
    plan,
    layout,
    wgsl`  let start = o * ${u32(size)};
  var value = 0.0;
${each("value = max(value, abs(g[start + r]));")}
  let largest = merge_largest(local, value);
  // Divided first: the square of a very small gradient would underflow.
  let scale = select(largest, 1.0, largest == 0.0);
  value = 0.0;
${each("let part = g[start + r] / scale; value += part * part;")}
  let square = merge_square(local, value);
  let factor = select(${f32(Math.min(stepSize, MOST))} / sqrt(square), 0.0, square == 0.0);
  value = 0.0;
${each("let delta = moved(start + r, scale, factor); value += delta * delta;")}
  let length = sqrt(merge_distance(local, value));
  let back = select(1.0, ${f32(Math.min(eps, MOST) * SHRINK)} / length, length > ${
      f32(Math.min(eps, MOST))
    });
  // Invocations beyond the last example repeat it, and must not write.
  let last = select(0u, end, place < ${u32(rows)});
  for (var r = first; r < last; r += ${u32(layout.lanes)}) {
    let i = start + r;
    y[i] = clamp(center[i] + moved(i, scale, factor) * back, ${f32(low)}, ${f32(high)});
  }`,
  );
  return {
    dispatches: [{
      code: wgsl`${declare([["x", x], ["g", x], ["center", x], ["y", x]], 3)}

fn moved(i: u32, scale: f32, factor: f32) -> f32 {
  return x[i] + g[i] / scale * factor - center[i];
}

${tree("merge_largest", "max(a, b)")}
${tree("merge_square", "a + b")}
${tree("merge_distance", "a + b")}${code}`,
      operands: [0, 1, 2, 3],
      workgroups,
    }],
  };
}

/** Both ways, the first for GPUs. */
export function euclideanStepWays(x: Spec, params: EuclideanStepParams): readonly Candidate[] {
  if (sizeOf(x.shape) === 0) return [];
  const [rows] = x.shape as [number], plan = reducePlan([rows, sizeOf(x.shape) / rows], [1]);
  return spreadWays(lanesOf(plan, false), (spread) => euclideanStepProgram(x, params, spread));
}
