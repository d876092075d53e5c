import { sizeOf } from "../../shape.ts";
import type { Candidate, Program, Spec } from "../kernel.ts";
import { ALONE } from "../reduce/alone.ts";
import { lanesOf, type Spread, TOGETHER, treeFunction } from "../reduce/lanes.ts";
import { reducePlan } from "../reduce/plan.ts";
import { spreadWays } from "../reduce/ways.ts";
import { valueAloneProgram } from "../reduce/webgpu_alone.ts";
import { declare, f32, NOTHING, u32, wgsl } from "../wgsl.ts";

/**
 * Two more functions for expressions: `sigmoid`, and `log1p` for 0 <= x <= 1 as the series of
 * 2 atanh(x / (2 + x)), since log(1 + x) loses what is small beside 1.
 */
const FUNCTIONS = `fn sigmoid(x: f32) -> f32 {
  let e = exp(-abs(x));
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}

fn log1p(x: f32) -> f32 {
  let s = x / (2.0 + x);
  let t = s * s;
  return 2.0 * s * (1.0 + t * (1.0 / 3.0 + t * (1.0 / 5.0 + t * (1.0 / 7.0 + t * (1.0 / 9.0 +
    t * (1.0 / 11.0 + t * (1.0 / 13.0 + t / 15.0)))))));
}
`;

/** Statements that every kernel of the family begins with: the margin of an example. */
function marginBody(lanes: string, classes: number): string {
  return wgsl`  let start = o * ${u32(classes)};
  // A negative label becomes a large one.
  let label = u32(labels[o]);
  let valid = label < ${u32(classes)};
  var value = z[start + select(0u, 1u, label == 0u)];
  for (var r = first; r < end; r += ${lanes}) {
    if (r != label) { value = max(value, z[start + r]); }
  }
  let largest = merge_largest(local, value);
  value = 0.0;
  for (var r = first; r < end; r += ${lanes}) {
    if (r != label) { value += exp(z[start + r] - largest); }
  }
  let total = merge_sum(local, value);
  let z_label = z[start + min(label, ${u32(classes - 1)})];
  let m = (largest - z_label) + log(total);
  // NaN by its bits, out of a value that the compiler cannot know.
  let invalid = bitcast<f32>(0x7fc00000u | min(label, 1u));`;
}

/** How a kernel of the family ends: statements, given the number of lanes. */
type Ending = (lanes: string) => string;

function program(
  inputs: readonly Spec[],
  outputs: readonly string[],
  { endings, spread = TOGETHER }: {
    readonly endings: readonly Ending[];
    readonly spread?: Spread | undefined;
  },
): Program {
  const z = inputs[0]!;
  if (sizeOf(z.shape) === 0) return NOTHING;
  const plan = reducePlan(z.shape, [1]);
  const layout = spread.layoutOf(plan, false);
  const lanes = u32(layout.lanes);
  const { rows } = plan;
  const names = ["z", "labels", "g"].slice(0, inputs.length);
  const operands = [
    ...names.map((name, i) => [name, inputs[i]!] as const),
    ...outputs.map((name) => [name, z] as const),
  ];
  const ending = endings.map((text) => text(lanes)).join("\n");
  const { code, workgroups } = spread.main(
    plan,
    layout,
    `${marginBody(lanes, z.shape[1]!)}\n${ending}`,
  );
  return {
    dispatches: [{
      code: wgsl`${declare(operands, inputs.length)}

${FUNCTIONS}
${treeFunction("merge_largest", "f32", { layout, rows, combine: "max(a, b)" })}
${treeFunction("merge_sum", "f32", { layout, rows, combine: "a + b" })}${code}`,
      operands: [...operands.keys()],
      workgroups,
    }],
  };
}

/** A value per example. */
export interface MarginValue {
  /** An expression of `m` and, if `leads`, of `lead`, the mean over all classes of z_t - z_j. */
  readonly value: string;
  readonly leads?: boolean;
}

/** A gradient of the logits: y_j = g (scale q_j + others), y_t = g (own - scale). */
export interface MarginGradient {
  /** An expression of `m`. */
  readonly scale: string;
  readonly others: number;
  readonly own: number;
}

/** `to` is how a statement begins that takes the value. */
function valueEnding(z: Spec, to: string, { value, leads = false }: MarginValue): Ending {
  return (lanes) =>
    wgsl`
  #if ${leads}
  value = 0.0;
  for (var r = first; r < end; r += ${lanes}) { value += z_label - z[start + r]; }
  let lead = merge_sum(local, value) / ${f32(z.shape[1]!)};
  #endif
  if (writes) {
    if (valid) { ${to} ${value}; } else { ${to} invalid; }
  }`;
}

function gradientEnding(z: Spec, to: string, { scale, others, own }: MarginGradient): Ending {
  return (lanes) =>
    wgsl`  let scale = ${scale};
  let last = select(0u, end, place < ${u32(z.shape[0]!)});
  for (var r = first; r < last; r += ${lanes}) {
    let share = scale * (exp(z[start + r] - largest) / total) + ${f32(others)};
    let result = g[o] * select(share, ${f32(own)} - scale, r == label);
    if (valid) { ${to}[start + r] = result; } else { ${to}[start + r] = invalid; }
  }`;
}

/** What a kernel of the family computes: values, the gradient of the logits, or that and then them. */
export interface MarginResults {
  readonly value?: MarginValue;
  readonly gradient?: MarginGradient;
}

/** The results, for each example. */
export function marginProgram(
  inputs: readonly Spec[],
  { value, gradient }: MarginResults,
  spread?: Spread,
): Program {
  const z = inputs[0]!, both = value !== undefined && gradient !== undefined;
  return program(inputs, both ? ["dz", "y"] : ["y"], {
    endings: [
      ...value === undefined ? [] : [valueEnding(z, "y[part] =", value)],
      ...gradient === undefined ? [] : [gradientEnding(z, both ? "dz" : "y", gradient)],
    ],
    spread,
  });
}

/** Both ways of a program over the examples, the first for GPUs; `meet` says that examples meet. */
function ways(
  inputs: readonly Spec[],
  programOf: (spread: Spread) => Program,
  meet = false,
): readonly Candidate[] {
  const { shape } = inputs[0]!;
  if (sizeOf(shape) === 0) return [];
  return spreadWays(lanesOf(reducePlan(shape, [1]), false), programOf, meet);
}

/** Both ways of `marginProgram`. */
export function marginWays(
  inputs: readonly Spec[],
  results: MarginResults,
): readonly Candidate[] {
  return ways(inputs, (spread) => marginProgram(inputs, results, spread));
}

/** Results of which the values are wanted as a mean. */
export type MarginMean = MarginResults & Required<Pick<MarginResults, "value">>;

/** Invocations of the one workgroup of a mean. */
const ALL = 256;

/**
 * The mean of the values, behind the gradient of the logits where that is wanted. One workgroup goes
 * over all examples, so that one dispatch is enough.
 */
export function marginMeanProgram(
  inputs: readonly Spec[],
  { value, gradient }: MarginMean,
): Program {
  const z = inputs[0]!, [examples, classes] = z.shape as [number, number];
  if (examples * classes === 0) return NOTHING;
  const { lanes } = lanesOf(reducePlan(z.shape, [1]), false);
  const columns = ALL / lanes, layout = { columns, lanes, splits: 1, chunk: classes };
  const whole = { columns: 1, lanes: ALL, splits: 1, chunk: ALL };
  const names = ["z", "labels", ...gradient === undefined ? ["y"] : ["g", "dz", "y"]];
  const operands = names.map((name, k) => [name, inputs[k] ?? z] as const);
  const endings = [
    valueEnding(z, "loss +=", value),
    ...gradient === undefined ? [] : [gradientEnding(z, "dz", gradient)],
  ];
  const code = wgsl`${declare(operands, inputs.length)}

${FUNCTIONS}
${treeFunction("merge_largest", "f32", { layout, rows: true, combine: "max(a, b)" })}
${treeFunction("merge_sum", "f32", { layout, rows: true, combine: "a + b" })}
${treeFunction("merge_loss", "f32", { layout: whole, rows: true, combine: "a + b" })}
@compute @workgroup_size(${ALL})
fn main(@builtin(local_invocation_index) local: u32) {
  let lane = local % ${u32(lanes)};
  let first = lane;
  let end = ${u32(classes)};
  var loss = 0.0;
  for (var block = 0u; block < ${u32(Math.ceil(examples / columns))}; block++) {
  let place = block * ${u32(columns)} + local / ${u32(lanes)};
  let o = min(place, ${u32(examples - 1)});
  let writes = lane == 0u && place < ${u32(examples)};
${marginBody(u32(lanes), classes)}
${endings.map((text) => text(u32(lanes))).join("\n")}
  }
  let sum = merge_loss(local, loss);
  if (local == 0u) { y[0] = sum / ${f32(examples)}; }
}
`;
  return {
    dispatches: [{ code, operands: [...operands.keys()], workgroups: [1, 1, 1] }],
  };
}

/** The same by invocations that work alone: values go to scratch, and are added up from there. */
function marginMeanAlone(inputs: readonly Spec[], results: MarginMean): Program {
  const z = inputs[0]!, losses: Spec = { shape: [z.shape[0]!], dtype: z.dtype };
  if (sizeOf(z.shape) === 0) return NOTHING;
  const each = marginProgram(inputs, results, ALONE).dispatches;
  const y = inputs.length + (results.gradient === undefined ? 0 : 1);
  const mean = valueAloneProgram("sum", losses, {
    axes: [0],
    divisor: z.shape[0]!,
    places: [y + 1, y, y + 2],
  });
  return {
    scratch: [losses, ...mean.scratch ?? []],
    dispatches: [
      // Its values are no results: they go to scratch, one place on.
      ...each.map((it) => ({ ...it, operands: it.operands.map((at) => at === y ? y + 1 : at) })),
      ...mean.dispatches,
    ],
  };
}

/** Both ways of `marginMeanProgram`. */
export function marginMeanWays(
  inputs: readonly Spec[],
  results: MarginMean,
): readonly Candidate[] {
  return ways(inputs, (spread) => {
    return spread === TOGETHER
      ? marginMeanProgram(inputs, results)
      : marginMeanAlone(inputs, results);
  }, true);
}
