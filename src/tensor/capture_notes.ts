/**
 * What happens to tensors, other than through kernels, while a step is captured: gradients of
 * leaves, and buffers that are exchanged.
 *
 * @module
 */
import { newestId } from "../autograd/mod.ts";
import { GradientError } from "../errors.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "./tensor.ts";

/** Leaves whose gradient a step set or added to. */
export class GradientNotes {
  readonly touched: Set<Tensor> = new Set();
  /** Nodes up to here are from before the step. */
  readonly newest: number = newestId();
}

let notes: GradientNotes | undefined;
let exchanges = 0;

/** How often tensors have exchanged their buffers so far. */
export function rebindings(): number {
  return exchanges;
}

/** Runs `fn` while notes are taken of gradients. */
export function notingGradients<T>(into: GradientNotes, fn: () => T): T {
  notes = into;
  try {
    return fn();
  } finally {
    notes = undefined;
  }
}

/** `grad` of a leaf was assigned. */
export function noteGradientSet(leaf: Tensor): void {
  notes?.touched.add(leaf);
}

/** backward() is about to add to `grad` of a leaf. */
export function noteGradientAdded(leaf: Tensor): void {
  if (notes === undefined || notes.touched.has(leaf)) return;
  if (leaf.node!.id <= notes.newest) {
    throw new GradientError(
      `Cannot capture a function that adds to the gradient of a leaf of shape ` +
        `${formatShape(leaf.shape)} from before it: call zeroGrad() inside of it first`,
    );
  }
  notes.touched.add(leaf);
}

/** A tensor is about to exchange its buffer for another. */
export function noteRebinding(): void {
  exchanges++;
  if (notes === undefined) return;
  throw new GradientError(
    "Cannot assign() or load a state in a captured function: a replay would not see it, " +
      "update tensors in place or do it outside",
  );
}
