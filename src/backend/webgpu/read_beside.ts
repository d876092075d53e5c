/**
 * Reading beside writing: WebGPU refuses a dispatch that binds one GPUBuffer both as read-only and as
 * writable, but not one that binds it twice as writable, at different places. Where a plan puts what
 * a call reads into the GPUBuffer that it writes, the shader is told that it could write both.
 *
 * @module
 */
import { BackendError } from "../../errors.ts";
import type { Step } from "./calls.ts";
import type { Pipeline } from "./pipelines.ts";
import type { View } from "./slot.ts";

/** What to know of the call of a step. */
export interface Rebinding {
  readonly kernel: string;
  /** How many operands it reads; they come first. */
  readonly inputs: number;
  /** The pipeline of a shader with other bindings. */
  pipelineOf(name: string, code: string, readOnly: readonly boolean[]): Pipeline;
}

/** The step with what it reads beside what it writes as writable; itself where there is nothing. */
export function besideStep(
  step: Step,
  views: readonly (View | undefined)[],
  { kernel, inputs, pipelineOf }: Rebinding,
): Step {
  const { operands } = step, slots = operands.map((at) => views[at]?.slot);
  const written = new Set(slots.filter((_, binding) => operands[binding]! >= inputs));
  const readOnly = slots.map((slot, binding) => {
    return operands[binding]! < inputs && (slot === undefined || !written.has(slot));
  });
  const beside = [...readOnly.keys()].filter((binding) => {
    return !readOnly[binding] && operands[binding]! < inputs;
  });
  if (beside.length === 0) return step;
  const code = withWritable(step.code, beside);
  return { ...step, code, pipeline: pipelineOf(kernel, code, readOnly) };
}

/** The shader with these bindings declared as writable. */
export function withWritable(code: string, bindings: readonly number[]): string {
  return bindings.reduce((text, binding) => {
    const declared = new RegExp(`(@binding\\(${binding}\\)\\s+var<storage, )read>`);
    if (declared.test(text)) return text.replace(declared, "$1read_write>");
    throw new BackendError(
      `Cannot bind operand ${binding} of a shader as writable: it must be declared with ` +
        `@binding(${binding}) var<storage, read>`,
      { code },
    );
  }, code);
}
