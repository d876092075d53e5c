/**
 * Sums and extremes by invocations that work alone. Each goes over its elements in blocks, so that
 * rounding errors of long sums stay near those of a tree, and reads vectors of neighbours.
 *
 * @module
 */
import type { Dispatch, Program, Spec } from "../kernel.ts";
import { declareVectors, vectorType, type Width } from "../vectors.ts";
import { f32, NOTHING, typeName, u32, wgsl } from "../wgsl.ts";
import { acrossFunction, ALONE, inVectors } from "./alone.ts";
import { type Lanes, offsetFunctions } from "./lanes.ts";
import { type ReducePlan, reducePlan } from "./plan.ts";
import type { Combination } from "./webgpu.ts";

/** Elements that are combined before the rest hears of them; 4 in one go. */
const BLOCK = 64;

/** How two values, or two vectors of them, become one. */
function combined(combination: Combination, a: string, b: string): string {
  return combination === "sum" ? `(${a} + ${b})` : `${combination}(${a}, ${b})`;
}

/** One dispatch; `divisor` is of the result. */
function stage(
  combination: Combination,
  { dtype }: Spec,
  { plan, width, layout, operands, divisor }: {
    readonly plan: ReducePlan;
    readonly width: Width;
    readonly layout: Lanes;
    readonly operands: readonly number[];
    readonly divisor: number;
  },
): Dispatch {
  const type = typeName(dtype) as "f32" | "i32" | "u32", { rows } = plan;
  const join = (a: string, b: string) => combined(combination, a, b);
  const at = (r: string) => `x[start + step_of(${r})]`;
  const four = join(join(at("r"), at("r + 1u")), join(at("r + 2u"), at("r + 3u")));
  // Sums begin with nothing, extremes with what they find first.
  const from = (r: string) => combination === "sum" ? "T(0)" : at(r);
  const result = divisor === 1 ? "result" : `result / ${f32(divisor)}`;
  const { code, workgroups } = ALONE.main(
    plan,
    layout,
    wgsl`  let start = start_of(o);
  var value = ${from("first")};
  for (var block = first; block < end; block += ${u32(BLOCK)}) {
    let stop = min(block + ${u32(BLOCK)}, end);
    var own = ${from("block")};
    var r = block;
    for (; r + 3u < stop; r += 4u) { own = ${join("own", four)}; }
    for (; r < stop; r++) { own = ${join("own", at("r"))}; }
    value = ${join("value", "own")};
  }
  let result = merge(local, value);
  y[part] = ${result};`,
  );
  const bound = [["x", width, type], ["y", rows ? 1 : width, type]] as const;
  return {
    code: wgsl`alias T = ${vectorType(width, type)};
${declareVectors(bound, operands[0] === 0 ? 1 : 0)}

${offsetFunctions(plan)}
${acrossFunction("merge", type, { rows, width, combine: combined(combination, "a", "b") })}${code}`,
    operands,
    workgroups,
  };
}

/**
 * Sum, largest or smallest value; sums are divided by `divisor` at the very end. `places` are those
 * of the operand, of the result, and of the first scratch buffer.
 */
export function valueAloneProgram(
  combination: Combination,
  x: Spec,
  { axes, divisor = 1, places: [from, to, scratch] = [0, 1, 2] }: {
    readonly axes: readonly number[];
    readonly divisor?: number;
    readonly places?: readonly [from: number, to: number, scratch: number];
  },
): Program {
  const whole = reducePlan(x.shape, axes);
  if (whole.outputs === 0) return NOTHING;
  const planned = inVectors(whole), layout = ALONE.layoutOf(planned.plan, true);
  if (layout.splits === 1) {
    return {
      dispatches: [stage(combination, x, { ...planned, layout, operands: [from, to], divisor })],
    };
  }
  const parts: Spec = { shape: [layout.splits, whole.outputs], dtype: x.dtype };
  const second = inVectors(reducePlan(parts.shape, [0]));
  return {
    scratch: [parts],
    dispatches: [
      stage(combination, x, { ...planned, layout, operands: [from, scratch], divisor: 1 }),
      stage(combination, x, {
        ...second,
        layout: ALONE.layoutOf(second.plan, false),
        operands: [scratch, to],
        divisor,
      }),
    ],
  };
}
