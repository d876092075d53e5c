/**
 * Prepared calls by kernel, shapes and parameters: what a backend works out once. A warm call is
 * found by comparing numbers; no text is built.
 *
 * @module
 */
import type { Kernel, Spec } from "../kernels/mod.ts";
import { copyPlain, samePlain } from "./plain.ts";

/** Calls that are kept before all are forgotten. */
const MOST = 16384;

interface Entry<C> {
  readonly inputs: readonly Spec[];
  readonly params: unknown;
  readonly call: C;
}

/** Keeps what was prepared for a kernel with given shapes and parameters. */
export class CallCache<C> {
  readonly #onForget: () => void;
  #tables: WeakMap<object, Map<number, Entry<C>[]>> = new WeakMap();
  #size = 0;

  /** `onForget` runs whenever all calls are forgotten. */
  constructor(onForget: () => void = () => {}) {
    this.#onForget = onForget;
  }

  /** The call of this kernel; `prepare` gets copies that later changes do not reach. */
  get<P>(
    kernel: Kernel<P>,
    inputs: readonly Spec[],
    params: P,
    prepare: (inputs: readonly Spec[], params: P) => C,
  ): C {
    let table = this.#tables.get(kernel);
    if (table === undefined) this.#tables.set(kernel, table = new Map());
    const hash = hashOf(inputs);
    let bucket = table.get(hash);
    if (bucket === undefined) table.set(hash, bucket = []);
    for (const entry of bucket) {
      if (sameSpecs(entry.inputs, inputs) && samePlain(entry.params, params)) return entry.call;
    }
    const specs = inputs.map(({ shape, dtype }): Spec => ({ shape: [...shape], dtype }));
    const copy = copyPlain(params);
    const call = prepare(specs, copy as P);
    // A parameter that changes with every step would fill the memory.
    if (++this.#size > MOST) this.clear();
    else bucket.push({ inputs: specs, params: copy, call });
    return call;
  }

  /** Forgets all calls. */
  clear(): void {
    this.#tables = new WeakMap();
    this.#size = 0;
    this.#onForget();
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
