/**
 * Steps of several parameters in one dispatch. The operands of the parameters stand in turn: all
 * gradients, the scalars, which they share, then all parameters, and all of each state.
 *
 * @module
 */
import { sizeOf } from "../../shape.ts";
import type { HostOperand, Kernel, Program, Spec, Together } from "../kernel.ts";
import { declare, foldWorkgroups, NOTHING, u32, wgsl, WORKGROUP } from "../wgsl.ts";

/** Buffers that a shader may bind by default limits. */
const MOST_BINDINGS = 8;

/** What the shader of an optimiser does with an element. */
export interface Update {
  /** Names of what is updated, the parameter first. */
  readonly names: readonly string[];
  /** Statements for element i; the operands of the parameter have the number k behind their names. */
  body(k: number): string;
}

/** One dispatch for one parameter or several; a workgroup works on one of them. */
export function updateProgram(
  inputs: readonly Spec[],
  outputs: readonly Spec[],
  { names, body }: Update,
): Program {
  const grads = inputs.slice(0, -1), scalars = inputs.at(-1)!;
  const groups = grads.map(({ shape }) => Math.ceil(sizeOf(shape) / WORKGROUP));
  const workgroups = foldWorkgroups(groups.reduce((a, b) => a + b, 0));
  if (workgroups[0] === 0) return NOTHING;
  const operands = [
    ...grads.map((spec, k) => [`grad${k}`, spec] as const),
    ["scalars", scalars] as const,
    ...outputs.map((spec, at) => {
      const k = at % grads.length;
      return [`${names[Math.floor(at / grads.length)]!}${k}`, spec] as const;
    }),
  ];
  let end = 0;
  const branches = grads.map(({ shape }, k) => {
    const first = end;
    end += groups[k]!;
    return wgsl`  if (group < ${u32(end)}) {
    let i = (group - ${u32(first)}) * ${u32(WORKGROUP)} + local;
    if (i >= ${u32(sizeOf(shape))}) { return; }
${body(k)}
    return;
  }`;
  });
  const code = wgsl`${declare(operands, inputs.length)}

@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let group = id.y * ${u32(workgroups[0])} + id.x;
${branches.join("\n")}
}
`;
  return { dispatches: [{ code, operands: operands.map((_, at) => at), workgroups }] };
}

/** How calls of this kernel become one. Its inputs are the gradient and the scalars. */
export function together<P>(base: () => Kernel<P>): Together<P> {
  const made = new Map<number, Kernel<P>>();
  return {
    shared: [1],
    most: (kernel) => Math.floor((MOST_BINDINGS - 1) / (1 + (kernel.updates ?? 0))),
    kernel(count) {
      let kernel = made.get(count);
      if (kernel === undefined) made.set(count, kernel = several(base(), count));
      return kernel;
    },
  };
}

function several<P>(base: Kernel<P>, count: number): Kernel<P> {
  const states = base.updates!;
  const inputsOf = <T>(inputs: readonly T[], k: number) => [inputs[k]!, inputs[count]!];
  const outputsOf = <T>(outputs: readonly T[], k: number) => {
    return Array.from({ length: states }, (_, state) => outputs[state * count + k]!);
  };
  const each = Array.from({ length: count }, (_, k) => k);
  return {
    name: base.name,
    updates: states * count,
    outputs(inputs, params) {
      const all = each.map((k) => base.outputs(inputsOf(inputs, k), params));
      return Array.from({ length: states }, (_, state) => all.map((specs) => specs[state]!)).flat();
    },
    reference(inputs: readonly HostOperand[], outputs, params) {
      for (const k of each) base.reference(inputsOf(inputs, k), outputsOf(outputs, k), params);
    },
    webgpu: (inputs, outputs, params) => base.webgpu(inputs, outputs, params),
    flops(inputs, outputs, params) {
      return each.reduce((sum, k) => {
        return sum + base.flops!(inputsOf(inputs, k), outputsOf(outputs, k), params);
      }, 0);
    },
  };
}
