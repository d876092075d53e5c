/**
 * Prepared calls: what a kernel asks for with given shapes and parameters, worked out once. A warm
 * call is found by comparing numbers; no text is built.
 *
 * @module
 */
import { BackendError } from "../../errors.ts";
import type { Kernel, Spec } from "../../kernels/mod.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import { copyPlain, samePlain } from "./plain.ts";
import type { Pipeline, Pipelines } from "./pipelines.ts";

/** One dispatch of a call. */
export interface Step {
  readonly pipeline: Pipeline;
  /** Indices into inputs, then outputs, then scratch. */
  readonly operands: readonly number[];
  readonly workgroups: readonly [number, number, number];
}

/** A kernel with shapes and parameters, ready to be dispatched. */
export interface Call {
  readonly inputs: readonly Spec[];
  readonly params: unknown;
  readonly outputs: readonly Spec[];
  readonly inputBytes: readonly number[];
  readonly outputBytes: readonly number[];
  readonly scratchBytes: readonly number[];
  readonly steps: readonly Step[];
}

/** Calls that are kept before all are forgotten. */
const MOST = 16384;

/** Prepares calls and keeps them. */
export class Calls {
  readonly #pipelines: Pipelines;
  readonly #limits: GPUSupportedLimits;
  #tables: WeakMap<object, Map<number, Call[]>> = new WeakMap();
  #size = 0;

  constructor(pipelines: Pipelines, limits: GPUSupportedLimits) {
    this.#pipelines = pipelines;
    this.#limits = limits;
  }

  /** The call of this kernel. */
  get<P>(kernel: Kernel<P>, inputs: readonly Spec[], params: P): Call {
    let table = this.#tables.get(kernel);
    if (table === undefined) this.#tables.set(kernel, table = new Map());
    const hash = hashOf(inputs);
    let bucket = table.get(hash);
    if (bucket === undefined) table.set(hash, bucket = []);
    for (const call of bucket) {
      if (sameSpecs(call.inputs, inputs) && samePlain(call.params, params)) return call;
    }
    const call = this.#prepare(kernel, inputs, params);
    bucket.push(call);
    // A parameter that changes with every step would fill the memory.
    if (++this.#size > MOST) {
      this.#tables = new WeakMap();
      this.#size = 0;
      this.#pipelines.clear();
    }
    return call;
  }

  #prepare<P>(kernel: Kernel<P>, given: readonly Spec[], params: P): Call {
    const inputs = given.map(({ shape, dtype }): Spec => ({ shape: [...shape], dtype }));
    const outputs = kernel.outputs(inputs, params);
    const { scratch = [], dispatches } = kernel.webgpu(inputs, outputs, params);
    for (const spec of [...inputs, ...outputs, ...scratch]) this.checkSize(kernel.name, spec);
    return {
      inputs,
      params: copyPlain(params),
      outputs,
      inputBytes: inputs.map(bytesOf),
      outputBytes: outputs.map(bytesOf),
      scratchBytes: scratch.map(bytesOf),
      steps: dispatches.map(({ code, operands, workgroups }) => {
        this.#checkWorkgroups(kernel.name, workgroups);
        const readOnly = operands.map((operand) => operand < inputs.length);
        return { pipeline: this.#pipelines.get(kernel.name, code, readOnly), operands, workgroups };
      }),
    };
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

function hashOf(specs: readonly Spec[]): number {
  let hash = specs.length;
  for (let i = 0; i < specs.length; i++) {
    const { shape } = specs[i]!;
    for (let axis = 0; axis < shape.length; axis++) {
      hash = Math.imul(hash ^ shape[axis]!, 0x01000193);
    }
    hash = Math.imul(hash, 31) + shape.length;
  }
  return hash | 0;
}

function sameSpecs(a: readonly Spec[], b: readonly Spec[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i]!.dtype !== b[i]!.dtype || !samePlain(a[i]!.shape, b[i]!.shape)) return false;
  }
  return true;
}

/** Bytes of a tensor: every element type here takes four. */
function bytesOf(spec: Spec): number {
  return sizeOf(spec.shape) * 4;
}
