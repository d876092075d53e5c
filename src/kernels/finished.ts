/**
 * Kernels with an epilogue: elementwise steps over the first result of another kernel, which is never
 * stored as it was. What the kernel updates stands before its results.
 *
 * @module
 */
import { sizeOf } from "../shape.ts";
import { chainReference } from "./elementwise_chain/reference.ts";
import { type ChainStep, stepInputs } from "./elementwise_chain/kernel.ts";
import { chainEpilogue } from "./elementwise_chain/webgpu.ts";
import { elementwise } from "./elementwise/kernel.ts";
import type { Candidate, Dispatch, HostOperand, Kernel, Program, Spec } from "./kernel.ts";

/** A kernel's own parameters, and what happens to its first output. */
export interface FinishedParams<P> {
  /** Of the kernel. */
  readonly own: P;
  /** How many of the operands are the kernel's; the others are read by the steps. */
  readonly operands: number;
  /** Operand 0 of the steps is the kernel's first result; that of the last step is stored. */
  readonly steps: readonly ChainStep[];
}

// deno-lint-ignore no-explicit-any
const made = new WeakMap<Kernel<any>, Kernel<FinishedParams<any>>>();

/** The kernel that runs `kernel` and then steps. Always the same for one kernel. */
export function finished<P>(kernel: Kernel<P>): Kernel<FinishedParams<P>> {
  let result = made.get(kernel);
  if (result === undefined) {
    made.set(kernel, result = finish(kernel));
    kernels.set(result, kernel);
  }
  return result;
}

/** A call. */
interface KernelCall {
  // deno-lint-ignore no-explicit-any
  readonly kernel: Kernel<any>;
  readonly inputs: readonly Spec[];
  readonly params: unknown;
}

// deno-lint-ignore no-explicit-any
const kernels = new WeakMap<Kernel<any>, Kernel<any>>();

/** A call without its epilogue: itself where it has none. */
export function bare<P>(kernel: Kernel<P>, inputs: readonly Spec[], params: P): KernelCall {
  const own = kernels.get(kernel);
  if (own === undefined) return { kernel, inputs, params };
  const { operands, own: ownParams } = params as FinishedParams<unknown>;
  return { kernel: own, inputs: inputs.slice(0, operands), params: ownParams };
}

function finish<P>(kernel: Kernel<P>): Kernel<FinishedParams<P>> {
  type Params = FinishedParams<P>;
  const { updates = 0 } = kernel;
  const parts = (inputs: readonly Spec[], { own, operands, steps }: Params) => {
    const given = inputs.slice(0, operands), outputs = kernel.outputs(given, own);
    const externals = [outputs[updates]!, ...inputs.slice(operands)];
    return { given, outputs, externals, epilogue: chainEpilogue(externals, steps) };
  };
  const program = (inputs: readonly Spec[], params: Params, of: Ways): Program => {
    const { epilogue } = parts(inputs, params), { operands } = params;
    return renumbered(of(epilogue), operands, inputs.length - operands);
  };
  return {
    name: kernel.name,
    updates,
    outputs(inputs, params) {
      const { outputs, externals } = parts(inputs, params), last = params.steps.at(-1)!;
      const [y] = elementwise[last.name].outputs(stepInputs(last, externals), undefined);
      return outputs.with(updates, { ...y!, shape: last.shape });
    },
    reference(inputs, outputs, params) {
      const { own, operands, steps } = params, result = outputs[updates]!;
      const spec = parts(inputs, params).outputs[updates]!;
      const first: HostOperand = { ...spec, data: result.data.slice() };
      kernel.reference(inputs.slice(0, operands), outputs.with(updates, first), own);
      const externals = [first, ...inputs.slice(operands)];
      chainReference(externals, [result], { steps, results: [steps.length - 1] });
    },
    webgpu(inputs, _outputs, params) {
      const { given, outputs } = parts(inputs, params);
      return program(inputs, params, (epilogue) => {
        return kernel.webgpu(given, outputs, params.own, epilogue);
      });
    },
    ...kernel.candidates && {
      candidates(inputs: readonly Spec[], _outputs: readonly Spec[], params: Params) {
        const { given, outputs } = parts(inputs, params);
        return kernel.candidates!(given, outputs, params.own).map((way): Candidate => ({
          ...way,
          program: () => program(inputs, params, (epilogue) => way.program(epilogue)),
        }));
      },
    },
    flops(inputs, results, params) {
      const { given, outputs } = parts(inputs, params), size = sizeOf(results[updates]!.shape);
      const own = kernel.flops?.(given, outputs, params.own) ?? size;
      return own + size * params.steps.length;
    },
  };
}

type Ways = (epilogue: ReturnType<typeof chainEpilogue>) => Program;

/** The program with operands counted as the finished kernel does. */
function renumbered(program: Program, own: number, further: number): Program {
  const place = (operand: number): number => {
    if (operand < 0) return own - 1 - operand;
    return operand < own ? operand : operand + further;
  };
  return {
    ...program,
    dispatches: program.dispatches.map((dispatch): Dispatch => {
      return { ...dispatch, operands: dispatch.operands.map(place) };
    }),
  };
}
