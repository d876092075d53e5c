/**
 * Chains of elementwise kernels as one kernel: every step is a line of the elementwise table, and
 * what only later steps read never becomes a tensor. One pass over memory does the work of many.
 *
 * @module
 */
import { DTypeError, ShapeError } from "../../errors.ts";
import { formatShape, sameShape, type Shape, sizeOf } from "../../shape.ts";
import { elementwise } from "../elementwise/kernel.ts";
import type { ElementwiseName } from "../elementwise/table.ts";
import type { Kernel, Spec } from "../kernel.ts";
import { chainCpu } from "./cpu.ts";
import { chainReference } from "./reference.ts";
import { chainProgram } from "./webgpu.ts";

/** Where a step takes an operand from: operands of the chain, or results of earlier steps. */
export type ChainSource = { readonly external: number } | { readonly step: number };

/** One elementwise kernel of a chain. */
export interface ChainStep {
  readonly name: ElementwiseName;
  /** Of its result. Results of all steps have the same number of elements. */
  readonly shape: Shape;
  /** Operands of the chain are broadcast to `shape`; results of steps are read in their order. */
  readonly inputs: readonly ChainSource[];
}

/** A chain. */
export interface ChainParams {
  /** In the order in which they are computed. */
  readonly steps: readonly ChainStep[];
  /** The steps whose results are outputs, in the order of the outputs. */
  readonly results: readonly number[];
}

/** Most operands and outputs of a chain together: the storage buffers of a shader. */
export const MAX_CHAIN_OPERANDS = 8;
/** Most steps of a chain. */
export const MAX_CHAIN_STEPS = 24;

/** What a step reads: a result of another step counts as having this step's own shape. */
export function stepInputs(
  { inputs, shape }: ChainStep,
  externals: readonly Spec[],
): readonly Spec[] {
  const { dtype } = externals[0]!;
  return inputs.map((source) => "step" in source ? { shape, dtype } : externals[source.external]!);
}

/** Type of all elements; throws where the chain is not one. */
function checkChain(externals: readonly Spec[], { steps, results }: ChainParams): Spec["dtype"] {
  const said = `Cannot chain ${steps.map(({ name }) => name).join(", ") || "no steps"}`;
  const operands = externals.length + results.length;
  if (steps.length < 1 || steps.length > MAX_CHAIN_STEPS || operands > MAX_CHAIN_OPERANDS) {
    throw new RangeError(
      `${said} of ${externals.length} operands and ${results.length} results: there must be 1 to ` +
        `${MAX_CHAIN_STEPS} steps, and at most ${MAX_CHAIN_OPERANDS} operands and results`,
    );
  }
  if (externals.some(({ dtype }) => dtype !== externals[0]?.dtype)) {
    throw new DTypeError(
      `${said} of types ${externals.map(({ dtype }) => dtype).join(", ")}: they must be the same`,
    );
  }
  if (results.some((step, k) => steps[step] === undefined || results.indexOf(step) !== k)) {
    throw new RangeError(
      `${said} with results of the steps ${results.join(", ")}: there are ${steps.length} steps, ` +
        "each may have one result",
    );
  }
  const size = sizeOf(steps[0]!.shape);
  steps.forEach((step, at) => {
    const known = step.inputs.every((source) =>
      "step" in source ? source.step < at : source.external < externals.length
    );
    if (!known) {
      throw new RangeError(
        `${said}: step ${at} reads ${JSON.stringify(step.inputs)}, ` +
          `it must read the ${externals.length} operands or earlier steps`,
      );
    }
    const [y] = elementwise[step.name].outputs(stepInputs(step, externals), undefined);
    if (sizeOf(step.shape) === size && sameShape(y!.shape, step.shape)) return;
    throw new ShapeError(
      `${said}: the operands of step ${at} have the shape ${formatShape(y!.shape)}, it must be ` +
        `${formatShape(step.shape)}, with as many elements as ${formatShape(steps[0]!.shape)}`,
    );
  });
  return externals[0]!.dtype;
}

/** Elementwise kernels one after the other. Operands: what the steps read from outside. */
export const elementwiseChain: Kernel<ChainParams> = {
  name: "elementwiseChain",
  outputs(inputs, params) {
    const dtype = checkChain(inputs, params);
    return params.results.map((step) => ({ shape: params.steps[step]!.shape, dtype }));
  },
  reference: chainReference,
  webgpu: chainProgram,
  cpu: chainCpu,
  flops: (_inputs, _outputs, { steps }) => steps.length * sizeOf(steps[0]!.shape),
};
