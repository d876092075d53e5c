import { type Epilogue, epiloguePlaces, epilogueText, NO_EPILOGUE } from "../epilogue.ts";
import type { Candidate, Dispatch, Program, Spec } from "../kernel.ts";
import { lanesOf, treeFunction } from "../reduce/lanes.ts";
import { reducePlan } from "../reduce/plan.ts";
import { f32, foldWorkgroups, NOTHING, u32, wgsl } from "../wgsl.ts";
import { type ChannelReduction, stage } from "./channels.ts";
import { type Elements, type Sums, threePasses } from "./training_passes.ts";
import { STATISTICS, sumsOf } from "./webgpu.ts";

/** Invocations of a workgroup that goes over elements, and channels that it has at most. */
const INVOCATIONS = 256, BLOCK = 64;
/** Workgroups that keep a GPU busy; each joins the parts of its channels anew. */
const BUSY = 256;

/** Joins the parts of each channel, in every workgroup that needs it, then goes over the elements. */
function elementsPass(
  { shape }: Spec,
  splits: number,
  { functions = "", combine }: ChannelReduction,
  pass: Elements,
): Dispatch {
  const channels = shape.at(-1)!, rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const columns = Math.min(BLOCK, 2 ** Math.ceil(Math.log2(channels)));
  const lanes = INVOCATIONS / columns;
  const blocks = Math.ceil(channels / columns);
  const each = Math.max(
    Math.ceil(INVOCATIONS / columns),
    Math.ceil(rows / Math.max(1, Math.floor(BUSY / blocks))),
  );
  const groups = blocks * Math.ceil(rows / each), workgroups = foldWorkgroups(groups);
  const layout = { columns, lanes, splits: 1, chunk: splits };
  const tree = treeFunction("merge", "vec4f", { layout, rows: false, combine });
  const { inputs, output, channels: results, epilogue } = pass;
  const declared = [
    ...inputs.map((name) => `read> ${name}: array<f32>`),
    ...[output, ...results].map((name) => `read_write> ${name}: array<f32>`),
    "read_write> parts: array<vec4f>",
  ].map((text, binding) => `@group(0) @binding(${binding}) var<storage, ${text};`);
  const code = wgsl`${declared.join("\n")}
${epilogueText(epilogue, declared.length)}
${functions}
${tree}
var<workgroup> tables: array<vec4f, ${columns}>;

@compute @workgroup_size(${INVOCATIONS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.y * ${u32(workgroups[0])} + group.x;
  if (flat >= ${u32(groups)}) { return; }
  let first_channel = flat % ${u32(blocks)} * ${u32(columns)};
  let first_row = flat / ${u32(blocks)} * ${u32(each)};
  let column = local % ${u32(columns)};
  let c = min(first_channel + column, ${u32(channels - 1)});
  var own = vec4f();
  for (var r = local / ${u32(columns)}; r < ${u32(splits)}; r += ${u32(lanes)}) {
    let a = own;
    let b = parts[r * ${u32(channels)} + c];
    own = ${combine};
  }
  let result = merge(local, own);
  let known = parts[${u32(splits * channels)} + c];
  if (local < ${u32(columns)} && first_channel + column < ${u32(channels)}) {
    tables[column] = ${pass.table};
    if (first_row == 0u) {
${pass.write}
    }
  }
  workgroupBarrier();
  for (var e = local; e < ${u32(each * columns)}; e += ${u32(INVOCATIONS)}) {
    let row = first_row + e / ${u32(columns)};
    let channel = first_channel + e % ${u32(columns)};
    if (row < ${u32(rows)} && channel < ${u32(channels)}) {
      let i = row * ${u32(channels)} + channel;
      let t = tables[e % ${u32(columns)}];
      ${output}[i] = epilogue(i, ${pass.value});
    }
  }
}
`;
  return {
    code,
    operands: [...pass.places, pass.scratch, ...epiloguePlaces(epilogue)],
    workgroups,
  };
}

/** Both passes; the first one puts what is known of a channel behind the parts. */
function bothPasses(x: Spec, reduction: Sums, pass: Elements): Program {
  const plan = reducePlan(x.shape, [...x.shape.keys()].slice(0, -1));
  if (plan.outputs === 0) return NOTHING;
  const { splits } = lanesOf(plan, true);
  const { inputs, start = "", add, known } = reduction;
  const first = stage(reduction, plan, {
    splittable: true,
    buffers: [...inputs.map((name, k) => [name, 1, k] as const), ["parts", 4, pass.scratch]],
    reads: inputs.length,
    start,
    add,
    write: `    parts[part] = result;
    if (part == o) { parts[${u32(splits * plan.outputs)} + o] = ${known}; }`,
  });
  return {
    scratch: [{ shape: [splits + 1, plan.outputs, 4], dtype: "f32" }],
    dispatches: [first, elementsPass(x, splits, reduction, pass)],
  };
}

/** A way to run what both passes do. */
type Way = (x: Spec, reduction: Sums, pass: Elements) => Program;

/** The ways by name: the first is for GPUs, the second where waiting for each other costs. */
const WAYS: readonly (readonly [name: string, waits: boolean, way: Way])[] = [
  ["in two passes", true, bothPasses],
  ["in three passes", false, threePasses],
];

/** The candidates of a kernel, given its program by each way. */
export function candidates(
  program: (way: Way, epilogue: Epilogue | undefined) => Program,
): readonly Candidate[] {
  return WAYS.map(([name, waits, way]) => ({
    name,
    waits,
    program: (epilogue) => program(way, epilogue),
  }));
}

/** y, mean and variance; with `momentum` also the running statistics, which come first then. */
export function training(
  x: Spec,
  { epsilon, momentum, epilogue = NO_EPILOGUE, way = bothPasses }: {
    readonly epsilon: number;
    readonly momentum?: number | undefined;
    readonly epilogue?: Epilogue | undefined;
    readonly way?: Way;
  },
): Program {
  const count = x.shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const runs = momentum !== undefined;
  const running = runs
    ? `      let unbiased = ${f32(count / (count - 1))} * variance[c];
      running_mean[c] += ${f32(momentum)} * (mean[c] - running_mean[c]);
      running_variance[c] += ${f32(momentum)} * (unbiased - running_variance[c]);`
    : "";
  return way(x, {
    ...STATISTICS,
    inputs: ["x", "scale", "shift"],
    known: "vec4f(scale[o], shift[o], 0.0, 0.0)",
  }, {
    inputs: ["x"],
    output: "y",
    channels: ["mean", "variance", ...runs ? ["running_mean", "running_variance"] : []],
    places: runs ? [0, 5, 6, 7, 3, 4] : [0, 3, 4, 5],
    scratch: runs ? 8 : 6,
    write: `      mean[c] = result.y;
      variance[c] = result.z / result.x;
${running}`,
    table: `vec4f(result.y, inverseSqrt(result.z / result.x + ${
      f32(epsilon)
    }) * known.x, known.y, 0.0)`,
    value: "(x[i] - t.x) * t.y + t.z",
    epilogue,
  });
}

/** dx, dshift and dscale. */
export function gradients(
  x: Spec,
  { epsilon, epilogue = NO_EPILOGUE, way = bothPasses }: {
    readonly epsilon: number;
    readonly epilogue?: Epilogue | undefined;
    readonly way?: Way;
  },
): Program {
  const share = f32(x.shape.at(-1)! / x.shape.reduce((a, b) => a * b, 1) || 0);
  return way(x, {
    ...sumsOf(epsilon),
    inputs: ["g", "x", "scale", "mean", "variance"],
    known: "vec4f(center, r, scale[o], 0.0)",
  }, {
    inputs: ["g", "x"],
    output: "dx",
    channels: ["dshift", "dscale"],
    places: [0, 1, 5, 6, 7],
    scratch: 8,
    write: `      dshift[c] = result.x;
      dscale[c] = result.y;`,
    table: `vec4f(known.x, result.x * ${share}, result.y * ${share} * known.y, known.y * known.z)`,
    value: "t.w * (g[i] - t.y - (x[i] - t.x) * t.z)",
    epilogue,
  });
}
