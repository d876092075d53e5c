/**
 * The calls of a step that can be computed in several ways.
 *
 * @module
 */
import { bare, type Candidate, type Kernel, type Spec } from "../../kernels/mod.ts";
import type { KernelCall } from "../profile/watch.ts";
import { callKey, waysKey } from "../webgpu/choices/call_key.ts";
import type { Choices } from "../webgpu/choices/choices.ts";

/** A call with its ways. */
export interface TunableCall {
  // deno-lint-ignore no-explicit-any
  readonly kernel: Kernel<any>;
  readonly inputs: readonly Spec[];
  readonly outputs: readonly Spec[];
  readonly params: unknown;
  /** Under which the choice is kept. */
  readonly key: string;
  /** What tells these ways from others. */
  readonly among: number;
  /** Those that are worth measuring; the one that is taken now is the first. */
  readonly ways: readonly Candidate[];
}

/** Most ways that are measured: the best guesses. */
const MOST = 6;

/**
 * The calls that can be tuned, each once. In software, ways that wait are left out where there are
 * others: there they take seconds to compile, and gigabytes.
 */
export function tunableCalls(calls: readonly KernelCall[], choices: Choices): TunableCall[] {
  const found = new Map<string, TunableCall>();
  for (const call of calls) {
    const key = callKey(call.kernel, call.inputs, call.params);
    if (found.has(key)) continue;
    const { kernel, inputs, params } = bare(call.kernel, call.inputs, call.params);
    const outputs = kernel.outputs(inputs, params), rest = { outputs, params };
    const all = choices.waysOf(kernel, inputs, rest), now = choices.wayOf(kernel, inputs, rest);
    if (all === undefined || now === undefined) continue;
    const worth = (way: Candidate): boolean => choices.adapter.kind !== "software" || !way.waits;
    const ways = [now, ...all.filter((way) => way.name !== now.name && worth(way))].slice(0, MOST);
    if (ways.length < 2) continue;
    found.set(key, { kernel, inputs, outputs, params, key, among: waysKey(all), ways });
  }
  return [...found.values()];
}
