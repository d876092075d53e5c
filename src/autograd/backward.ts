/**
 * The walk back: nodes in the reverse order of their making, each handing the gradient of its
 * result to its inputs.
 *
 * @module
 */
import { tidy } from "../scope.ts";
import type { Tensor } from "../tensor/mod.ts";
import { checkGradients, checkSeed } from "./checks.ts";
import { withRecording } from "./mode.ts";
import type { Apply, Run } from "./rule.ts";
import type { Node } from "./tape.ts";

/** How to walk. */
export interface WalkOptions {
  /** Keep what the tape saved, to walk it again. Default: the value of createGraph. */
  readonly retainGraph?: boolean;
  /** Record the walk itself, for second derivatives. Default false. */
  readonly createGraph?: boolean;
  /** Nodes whose gradients are wanted; no other is computed. Default: all leaves. */
  readonly wanted?: readonly Node[];
}

/** Nodes that `root` depends on and that lead to a wanted one, latest first. */
function orderFrom(root: Node, wanted: readonly Node[] | undefined): Node[] {
  const seen = new Set<Node>([root]);
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const parent of node.parents) {
      if (parent === null || seen.has(parent)) continue;
      seen.add(parent);
      pending.push(parent);
    }
  }
  const order = [...seen].sort((a, b) => a.id - b.id);
  if (wanted === undefined) return order.reverse();
  const leading = new Set<Node>(wanted);
  for (const node of order) {
    if (node.parents.some((parent) => parent !== null && leading.has(parent))) leading.add(node);
  }
  return order.filter((node) => leading.has(node)).reverse();
}

/** Gradients of the inputs of a node; null for those outside of `nodes`. */
function gradientsOf(
  node: Node,
  grad: Tensor,
  nodes: ReadonlySet<Node>,
  recording: boolean,
  tools: { readonly apply: Apply; readonly run: Run },
): (Tensor | null)[] {
  const needs = node.parents.map((parent) => parent !== null && nodes.has(parent));
  const place = (i: number): Node | null => recording ? node.parents[i]! : null;
  const inputs = node.parents.map((_, i) => node.restore(`input${i}`, place(i)));
  const output = node.restore("output", recording ? node : null);
  const extra: Tensor[] = [];
  for (let value = node.restore("extra0", null); value !== undefined;) {
    value = node.restore(`extra${extra.push(value)}`, null);
  }
  const { shapes, attributes } = node;
  const gradients = node.rule!.vjp!({
    inputs,
    shapes,
    output: output!,
    extra,
    grad,
    attributes,
    needs,
    recording,
    ...tools,
  });
  checkGradients(node, gradients);
  // A rule may hand on the very gradient it got, or one tensor twice: each input gets its own.
  return gradients.map((gradient) => gradient && gradient.alias(gradient.node));
}

/**
 * Walks the tape back from `root`, whose own gradient is `seed`. Returns the gradient of every
 * wanted node that `root` depends on; the caller disposes them.
 */
export function walk(
  root: Node,
  seed: Tensor,
  tools: { readonly apply: Apply; readonly run: Run },
  options: WalkOptions = {},
): Map<Node, Tensor> {
  const { createGraph = false, retainGraph = createGraph, wanted } = options;
  checkSeed(root, seed);
  const order = orderFrom(root, wanted);
  const nodes = new Set(order);
  const ends = new Set(wanted ?? order.filter((node) => node.rule === null));
  return withRecording(createGraph, () =>
    tidy(() => {
      const pending = new Map<Node, Tensor>([[root, seed.alias(createGraph ? seed.node : null)]]);
      const results = new Map<Node, Tensor>();
      for (const node of order) {
        const grad = pending.get(node);
        if (grad === undefined) continue;
        pending.delete(node);
        if (ends.has(node)) results.set(node, grad);
        // A leaf, or a wanted result: what lies behind it is not wanted.
        if (!node.parents.some((parent) => parent !== null && nodes.has(parent))) continue;
        const gradients = tidy(() => gradientsOf(node, grad, nodes, createGraph, tools));
        if (!ends.has(node)) grad.dispose();
        gradients.forEach((gradient, i) => {
          const parent = node.parents[i]!;
          if (gradient === null || parent === null) return;
          const before = pending.get(parent);
          pending.set(parent, before === undefined ? gradient : before.add(gradient));
          if (before === undefined) return;
          before.dispose();
          gradient.dispose();
        });
        if (!retainGraph) {
          node.free();
          node.consumed = true;
        }
      }
      return results;
    }));
}
