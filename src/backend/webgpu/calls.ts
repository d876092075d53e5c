/**
 * Prepared calls: what a kernel asks for with given shapes and parameters, worked out once.
 *
 * @module
 */
import { BackendError } from "../../errors.ts";
import type { Kernel, PartsSum, Program, Spec } from "../../kernels/mod.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import { CallCache } from "../call_cache.ts";
import type { Choices } from "./choices/choices.ts";
import type { Pipeline, Pipelines } from "./pipelines.ts";

/** One dispatch of a call. */
export interface Step {
  readonly pipeline: Pipeline;
  /** What it was compiled from. */
  readonly code: string;
  /** Indices into inputs, then outputs, then scratch. */
  readonly operands: readonly number[];
  readonly workgroups: readonly [number, number, number];
  readonly sums: PartsSum | undefined;
}

/** A kernel with shapes and parameters, ready to be dispatched. */
export interface Call {
  readonly outputs: readonly Spec[];
  readonly inputBytes: readonly number[];
  readonly outputBytes: readonly number[];
  readonly scratchBytes: readonly number[];
  readonly steps: readonly Step[];
}

/** Prepares calls and keeps them. */
export class Calls {
  readonly #pipelines: Pipelines;
  readonly #limits: GPUSupportedLimits;
  readonly #choices: Choices;
  readonly #cache: CallCache<Call>;

  constructor(
    pipelines: Pipelines,
    { limits, choices }: { readonly limits: GPUSupportedLimits; readonly choices: Choices },
  ) {
    this.#pipelines = pipelines;
    this.#cache = new CallCache(() => pipelines.clear());
    this.#limits = limits;
    this.#choices = choices;
    choices.onChange = () => this.#cache.clear();
  }

  /** The call of this kernel. */
  get<P>(kernel: Kernel<P>, inputs: readonly Spec[], params: P): Call {
    return this.#cache.get(kernel, inputs, params, (specs, copy) => {
      return this.#prepare(kernel, specs, copy);
    });
  }

  #prepare<P>(kernel: Kernel<P>, inputs: readonly Spec[], params: P): Call {
    const outputs = kernel.outputs(inputs, params);
    const { scratch = [], dispatches } = this.#programOf(kernel, inputs, { outputs, params });
    for (const spec of [...inputs, ...outputs, ...scratch]) this.checkSize(kernel.name, spec);
    return {
      outputs,
      inputBytes: inputs.map(bytesOf),
      outputBytes: outputs.map(bytesOf),
      scratchBytes: scratch.map(bytesOf),
      steps: dispatches.map(({ code, operands, workgroups, sums }) => {
        this.#checkWorkgroups(kernel.name, workgroups);
        const readOnly = operands.map((operand) => operand < inputs.length);
        const pipeline = this.#pipelines.get(kernel.name, code, readOnly);
        return { pipeline, code, operands, workgroups, sums };
      }),
    };
  }

  /** The pipeline of a shader that belongs to several calls. */
  pipelineOf(name: string, code: string, readOnly: readonly boolean[]): Pipeline {
    return this.#pipelines.get(name, code, readOnly);
  }

  /** The kernel's program by the way that is chosen for this adapter. */
  #programOf<P>(
    kernel: Kernel<P>,
    inputs: readonly Spec[],
    { outputs, params }: { readonly outputs: readonly Spec[]; readonly params: P },
  ): Program {
    const way = this.#choices.wayOf(kernel, inputs, { outputs, params });
    return way === undefined ? kernel.webgpu(inputs, outputs, params) : way.program();
  }

  /** Throws BackendError when a tensor is larger than a binding may be. */
  checkSize(kernel: string, spec: Spec): void {
    const most = Math.min(this.#limits.maxStorageBufferBindingSize, this.#limits.maxBufferSize);
    const bytes = bytesOf(spec);
    if (bytes <= most) return;
    throw new BackendError(
      `Cannot ${kernel} a tensor of shape ${formatShape(spec.shape)}: it takes ${bytes} bytes, ` +
        `this device binds at most ${most}, use smaller batches`,
      { kernel },
    );
  }

  #checkWorkgroups(kernel: string, workgroups: readonly number[]): void {
    const most = this.#limits.maxComputeWorkgroupsPerDimension;
    if (workgroups.every((count) => count <= most)) return;
    throw new BackendError(
      `Cannot run ${kernel}: it asks for ${workgroups.join(" x ")} workgroups, ` +
        `each number must be at most ${most}, use foldWorkgroups()`,
      { kernel },
    );
  }
}

/** Bytes of a tensor: every element type here takes four. */
function bytesOf(spec: Spec): number {
  return sizeOf(spec.shape) * 4;
}
