/**
 * Which of its ways a kernel call takes on an adapter: the one that was measured to be best there,
 * else the first by rank.
 *
 * @module
 */
import type { Candidate, Kernel, Spec } from "../../../kernels/mod.ts";
import type { AdapterId } from "./adapters.ts";
import { callKey, waysKey } from "./call_key.ts";
import { ranked } from "./rank.ts";

/** A measured choice. */
export interface Choice {
  /** Name of the way. */
  readonly way: string;
  /** The ways that it was among, as `waysKey` tells. */
  readonly among: number;
}

/** What was measured on an adapter. */
export interface Tuned {
  /** When, as in `Date.toISOString`. */
  readonly measured: string;
  /** By key of the call. */
  readonly choices: ReadonlyMap<string, Choice>;
}

/** The choices of one adapter, fixed from the opening of a device until somebody tunes it. */
export class Choices {
  readonly adapter: AdapterId;
  /** Called after the choices have changed. */
  onChange: (() => void) | undefined;
  #tuned: Tuned | undefined;

  constructor(adapter: AdapterId, tuned?: Tuned) {
    this.adapter = adapter;
    this.#tuned = tuned;
  }

  /** What was measured here, if anything was. */
  get tuned(): Tuned | undefined {
    return this.#tuned;
  }

  /** Replaces what was measured; undefined forgets it. */
  change(tuned: Tuned | undefined): void {
    this.#tuned = tuned;
    this.onChange?.();
  }

  /** The ways of a call, best guess first; undefined where there is only one. */
  waysOf<P>(
    kernel: Kernel<P>,
    inputs: readonly Spec[],
    { outputs, params }: { readonly outputs: readonly Spec[]; readonly params: P },
  ): readonly Candidate[] | undefined {
    const ways = kernel.candidates?.(inputs, outputs, params);
    return ways === undefined || ways.length < 2 ? undefined : ranked(ways, this.adapter.kind);
  }

  /** The way of a call; undefined where there is only one. */
  wayOf<P>(
    kernel: Kernel<P>,
    inputs: readonly Spec[],
    call: { readonly outputs: readonly Spec[]; readonly params: P },
  ): Candidate | undefined {
    const ways = this.waysOf(kernel, inputs, call);
    if (ways === undefined) return undefined;
    const choice = this.#tuned?.choices.get(callKey(kernel, inputs, call.params));
    const known = choice?.among === waysKey(ways) ? choice : undefined;
    return ways.find(({ name }) => name === known?.way) ?? ways[0];
  }
}
