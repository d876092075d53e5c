import type { Shape } from "../../shape.ts";
import type { Candidate, Dispatch, Program } from "../kernel.ts";
import { lanesOf, offsetFunctions, type Spread, TOGETHER, treeFunction } from "../reduce/lanes.ts";
import { type ReducePlan, reducePlan } from "../reduce/plan.ts";
import { spreadWays } from "../reduce/ways.ts";
import { declareVectors, type Width } from "../vectors.ts";
import { NOTHING, u32, wgsl } from "../wgsl.ts";

/** A reduction of f32 operands to several numbers per channel, all in one vec4f on the way. */
export interface ChannelReduction {
  /** Names of the operands 0, 1, ... */
  readonly inputs: readonly string[];
  /** Text of functions that `combine` needs. */
  readonly functions?: string;
  /** Expression that joins a and b, where a vector of zeros adds nothing. */
  readonly combine: string;
  /** Statements before the first element; `o` is the channel. */
  readonly start?: string;
  /** Statements that add element `at` of the inputs to `own`. */
  readonly add: string;
}

/** A reduction whose sums are results. */
export interface ChannelSums extends ChannelReduction {
  /** Names of the operands after the inputs. */
  readonly outputs: readonly string[];
  /** Statements that write the outputs of channel `o` from `result`. */
  readonly write: string;
}

/** One dispatch: lanes of a workgroup add up elements of a channel, then meet in a tree. */
export function stage(
  { functions = "", combine }: ChannelReduction,
  plan: ReducePlan,
  options: {
    readonly splittable: boolean;
    /** Buffers that are bound: names, widths, operands; the first `reads` are inputs. */
    readonly buffers: readonly (readonly [name: string, width: Width, operand: number])[];
    readonly reads: number;
    readonly start: string;
    readonly add: string;
    readonly write: string;
    readonly spread?: Spread | undefined;
  },
): Dispatch {
  const { splittable, buffers, reads, start, add, write, spread = TOGETHER } = options;
  const layout = spread.layoutOf(plan, splittable);
  const { code, workgroups } = spread.main(
    plan,
    layout,
    wgsl`${start}
  let beginning = start_of(o);
  var own = vec4f();
  for (var index = first; index < end; index += ${u32(layout.lanes)}) {
    let at = beginning + step_of(index);
${add}
  }
  let result = merge(local, own);
  if (writes) {
${write}
  }`,
  );
  const tree = treeFunction("merge", "vec4f", { layout, rows: plan.rows, combine });
  return {
    code: wgsl`${declareVectors(buffers.map(([name, width]) => [name, width]), reads)}

${functions}
${offsetFunctions(plan)}
${tree}${code}`,
    operands: buffers.map(([, , operand]) => operand),
    workgroups,
  };
}

/**
 * Reduces all axes of `shape` but the last: lanes of a workgroup meet in a tree. Where there are
 * few channels and many values, workgroups share a channel and a second dispatch joins their parts.
 */
export function channelProgram(
  shape: Shape,
  reduction: ChannelSums,
  spread: Spread = TOGETHER,
): Program {
  const plan = reducePlan(shape, [...shape.keys()].slice(0, -1));
  if (plan.outputs === 0) return NOTHING;
  const { inputs, outputs, combine, start = "", add, write } = reduction;
  const sources = inputs.map((name, k) => [name, 1, k] as const);
  const results = outputs.map((name, k) => [name, 1, inputs.length + k] as const);
  const first = { splittable: true, reads: inputs.length, start, add, spread };
  const { splits } = spread.layoutOf(plan, true);
  if (splits === 1) {
    return {
      dispatches: [stage(reduction, plan, { ...first, buffers: [...sources, ...results], write })],
    };
  }
  const parts = ["parts", 4, inputs.length + outputs.length] as const;
  return {
    scratch: [{ shape: [splits, plan.outputs, 4], dtype: "f32" }],
    dispatches: [
      stage(reduction, plan, {
        ...first,
        buffers: [...sources, parts],
        write: "    parts[part] = result;",
      }),
      stage(reduction, reducePlan([splits, plan.outputs], [0]), {
        splittable: false,
        spread,
        buffers: [parts, ...results],
        reads: 0,
        start: "",
        add: `    let a = own;
    let b = parts[at];
    own = ${combine};`,
        write,
      }),
    ],
  };
}

/** Both ways of `channelProgram`, the first for GPUs. */
export function channelWays(shape: Shape, reduction: ChannelSums): readonly Candidate[] {
  const plan = reducePlan(shape, [...shape.keys()].slice(0, -1));
  if (plan.outputs === 0) return [];
  return spreadWays(lanesOf(plan, true), (spread) => channelProgram(shape, reduction, spread));
}
