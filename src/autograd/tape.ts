/**
 * The tape: what is recorded, and how long it lives. A node stands for one applied rule, or for a
 * leaf; it points to the nodes of its inputs and holds what its rule asked to save. Nodes and
 * tensors share buffers by reference count, so that dropping a loss frees its whole tape.
 *
 * @module
 */
import { GradientError } from "../errors.ts";
import { keep } from "../scope.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor/mod.ts";
import { flopsOf, type KernelCall, noting } from "./kernel_calls.ts";
import { isRecording } from "./mode.ts";
import type { Apply, Rule, Run } from "./rule.ts";

/** A rule of any inputs and attributes, as the tape sees it. */
// deno-lint-ignore no-explicit-any
export type AnyRule = Rule<any, any>;

/** A value that the tape keeps, and its version when it was saved. */
interface SavedValue {
  readonly value: Tensor;
  readonly version: number;
}

let lastId = 0;

/** The id of the newest node: later ones have higher ids. */
export function newestId(): number {
  return lastId;
}

/** One entry of the tape. */
export class Node {
  /** Grows with time: every input of a node has a smaller one. */
  readonly id: number = ++lastId;
  /** The applied rule; null for a leaf. */
  readonly rule: AnyRule | null;
  /** What the rule was applied with beside tensors. */
  readonly attributes: unknown;
  /** The nodes of the inputs; null for inputs without gradient. */
  readonly parents: readonly (Node | null)[];
  /** Shapes of the inputs. */
  readonly shapes: readonly Shape[];
  /** The tensor of a leaf, which gradients are added to. */
  readonly leaf: Tensor | null;
  /** Shape of the result. */
  readonly shape: Shape;
  /** Whether it was walked and freed. */
  consumed = false;
  readonly #calls: readonly KernelCall[];
  #saved: Record<string, SavedValue> = {};
  #references = 0;

  /** Made by `apply` and for leaves; holds on to the nodes of its inputs. */
  constructor(
    fields: Pick<Node, "rule" | "attributes" | "parents" | "shapes" | "leaf" | "shape">,
    calls: readonly KernelCall[] = [],
  ) {
    this.#calls = calls;
    this.rule = fields.rule;
    this.attributes = fields.attributes;
    this.parents = fields.parents;
    this.shapes = fields.shapes;
    this.leaf = fields.leaf;
    this.shape = fields.shape;
    for (const parent of this.parents) parent?.retain();
  }

  /** Floating-point operations of the forward computation. */
  get flops(): number {
    return this.#calls.reduce((sum, call) => sum + flopsOf(call), 0);
  }

  /** Names and values of what is saved: `input0`, `output`, `extra0`. */
  get saved(): ReadonlyMap<string, Tensor> {
    return new Map(Object.entries(this.#saved).map(([name, { value }]) => [name, value]));
  }

  /** Keeps the value of `tensor` (not its place on the tape) until the node is freed. */
  save(name: string, tensor: Tensor): void {
    this.#saved[name] = { value: keep(tensor.alias()), version: tensor.buffer.version };
  }

  /** A saved value as a new tensor standing at `node`; undefined when it was not saved. */
  restore(name: string, node: Node | null): Tensor | undefined {
    if (this.consumed) {
      throw new GradientError(
        `Cannot walk the tape through ${this.rule?.name} twice: what it saved was freed by the ` +
          "first backward(), call backward({ retainGraph: true }) there",
      );
    }
    const saved = this.#saved[name];
    if (saved === undefined) return undefined;
    if (saved.value.buffer.version !== saved.version) {
      throw new GradientError(
        `Cannot walk the tape through ${this.rule?.name}: its ${name} was overwritten since, by an ` +
          "optimiser's step or by batch norm in training mode; call backward() before that",
      );
    }
    return saved.value.alias(node);
  }

  /** One more tensor or node points here. */
  retain(): void {
    this.#references++;
  }

  /** One less; the last one frees this node and lets go of its inputs. */
  release(): void {
    const pending: Node[] = [this];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (--node.#references > 0) continue;
      node.free();
      for (const parent of node.parents) if (parent !== null) pending.push(parent);
    }
  }

  /** Drops what is saved. */
  free(): void {
    for (const { value } of Object.values(this.#saved)) value.dispose();
    this.#saved = {};
  }
}

/** A node for a tensor that gradients end at. */
export function leafNode(leaf: Tensor): Node {
  const { shape } = leaf;
  return new Node({ rule: null, attributes: undefined, parents: [], shapes: [], leaf, shape });
}

/** Makes `apply`, the only place that records, around the way kernels are run. */
export function recorder(run: Run): Apply {
  return function apply<I extends readonly Tensor[], A>(
    rule: Rule<I, A>,
    inputs: I,
    attributes: A,
  ): Tensor {
    const parents = inputs.map((input) => input.node);
    const recorded = isRecording() && rule.vjp !== undefined &&
      parents.some((parent) => parent !== null);
    const calls: KernelCall[] = [];
    const { output, extra = [] } = rule.forward(
      recorded ? noting(run, calls) : run,
      inputs,
      attributes,
    );
    if (recorded) {
      const shapes = inputs.map((input) => input.shape);
      const { shape } = output;
      const node = new Node({ rule, attributes, parents, shapes, leaf: null, shape }, calls);
      const saves = rule.saves?.(parents.map((parent) => parent !== null)) ?? {};
      inputs.forEach((input, i) => saves.inputs?.[i] && node.save(`input${i}`, input));
      if (saves.output) node.save("output", output);
      extra.forEach((tensor, i) => node.save(`extra${i}`, tensor));
      output.attach(node);
    }
    for (const tensor of extra) tensor.dispose();
    return output;
  };
}
