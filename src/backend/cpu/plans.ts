/**
 * Plans: what a kernel asks for with given shapes and parameters, worked out once.
 *
 * @module
 */
import { BackendError } from "../../errors.ts";
import type { Kernel, Spec } from "../../kernels/mod.ts";
import { sizeOf } from "../../shape.ts";
import { CallCache } from "../call_cache.ts";
import { ARGUMENT_BYTES } from "./layout.ts";
import type { KernelModule } from "./module.ts";

/** One call of an entry. */
export interface PlannedCall {
  /** Place of the entry in the module's list. */
  readonly entry: number;
  /** Indices into inputs, then outputs, then scratch. */
  readonly operands: readonly number[];
  /** What follows the addresses of the operands. */
  readonly words: readonly number[];
  readonly tasks: number;
}

/** A kernel with shapes and parameters. */
export interface Plan {
  readonly outputs: readonly Spec[];
  readonly scratchBytes: readonly number[];
  /** Undefined where the kernel has no twin here. */
  readonly calls: readonly PlannedCall[] | undefined;
}

/** Makes plans and keeps them. */
export class Plans {
  readonly #module: KernelModule;
  readonly #cache: CallCache<Plan> = new CallCache();

  constructor(module: KernelModule) {
    this.#module = module;
  }

  /** The plan of this kernel. */
  get<P>(kernel: Kernel<P>, inputs: readonly Spec[], params: P): Plan {
    return this.#cache.get(kernel, inputs, params, (specs, copy) => {
      return this.#prepare(kernel, specs, copy);
    });
  }

  #prepare<P>(kernel: Kernel<P>, inputs: readonly Spec[], params: P): Plan {
    const outputs = kernel.outputs(inputs, params);
    const program = kernel.cpu?.(inputs, outputs, params);
    return {
      outputs,
      scratchBytes: (program?.scratch ?? []).map(({ shape }) => sizeOf(shape) * 4),
      calls: program?.calls.filter(({ tasks }) => tasks > 0).map((call) => {
        const entry = this.#module.names.indexOf(call.entry);
        const bytes = (call.operands.length + call.words.length) * 4;
        if (entry < 0 || bytes > ARGUMENT_BYTES) {
          throw new BackendError(
            `Cannot run ${kernel.name} on the cpu: its entry ${call.entry} ` +
              (entry < 0 ? "is not compiled, run: npm run build:cpu" : `takes ${bytes} bytes`),
            { kernel: kernel.name },
          );
        }
        return { entry, operands: call.operands, words: call.words, tasks: call.tasks };
      }),
    };
  }
}
