/**
 * What a rule is: how an operation is computed and how a gradient passes back through it. Rules
 * are plain objects; they know kernels, but neither the tape nor how a Tensor is made.
 *
 * @module
 */
import type { Kernel } from "../kernels/mod.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor/mod.ts";

/**
 * Runs a kernel without recording it; the results are new tensors. A kernel that updates tensors gets
 * these in `updates`; they are not among the results.
 */
export type Run = <P>(
  kernel: Kernel<P>,
  inputs: readonly Tensor[],
  params: P,
  updates?: readonly Tensor[],
) => readonly Tensor[];

/** Applies a rule and records it. */
export type Apply = <I extends readonly Tensor[], A>(
  rule: Rule<I, A>,
  inputs: I,
  attributes: A,
) => Tensor;

/** What a forward computation gives: its result, and what else the way back may want. */
export interface Forward {
  /** The result. */
  readonly output: Tensor;
  /** Further values, saved as they are: sums, masks, places. */
  readonly extra?: readonly Tensor[];
}

/** What a rule asks the tape to save. Default: nothing. */
export interface Saves {
  /** One flag per input. */
  readonly inputs?: readonly boolean[];
  /** Whether the result is saved. */
  readonly output?: boolean;
}

/** What a rule gets on the way back. */
export interface VjpContext<I extends readonly Tensor[], A> {
  /** The inputs, where saved; others are not there. */
  readonly inputs: I;
  /** Shapes of all inputs. */
  readonly shapes: { readonly [K in keyof I]: Shape };
  /** The result, where saved. */
  readonly output: Tensor;
  /** What the forward computation put aside. */
  readonly extra: readonly Tensor[];
  /** Gradient of the loss with respect to the result; same shape. */
  readonly grad: Tensor;
  /** What the rule was applied with beside tensors. */
  readonly attributes: A;
  /** Which inputs need a gradient; compute no other. */
  readonly needs: readonly boolean[];
  /**
   * Whether this way back is itself recorded, for a second derivative. Then only `apply` and
   * Tensor's methods may be used, and `extra` counts as constant.
   */
  readonly recording: boolean;
  /** Applies another rule. */
  readonly apply: Apply;
  /** Runs a kernel; not while recording. */
  readonly run: Run;
}

/** An operation and its derivative. */
export interface Rule<I extends readonly Tensor[], A = undefined> {
  /** The name that tapes and errors show. */
  readonly name: string;
  /** Computes the result by running kernels. */
  forward(run: Run, inputs: I, attributes: A): Forward;
  /** Which values the way back reads, given which inputs need a gradient. */
  saves?(needs: readonly boolean[]): Saves;
  /**
   * Vector-Jacobian product: the gradients of the inputs, null where not needed. A rule without
   * one is piecewise constant: its results do not require a gradient.
   */
  vjp?(context: VjpContext<I, A>): readonly (Tensor | null)[];
}
