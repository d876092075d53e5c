/**
 * The graph while it grows: values and numbers by buffer, nodes and initializers by name.
 *
 * @module
 */
import type { DeviceBuffer, Operand } from "../../backend/mod.ts";
import { ExportError } from "../../errors.ts";
import { formatShape } from "../../shape.ts";
import { type Arrangement, rearranged } from "../checkpoint/layout.ts";
import type { OnnxAttribute, OnnxNode, OnnxTensor } from "./messages.ts";
import { beside, type Value } from "./order.ts";
import { reshaped } from "./reshape.ts";
import type { Trace, TracedCall } from "./trace.ts";

/** A node that may still take another input: a bias. */
export interface GrowingNode extends OnnxNode {
  readonly inputs: string[];
}

/** What a node is made of. */
export interface NodeFields {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** Nodes and initializers, and where each buffer of the trace is among them. */
export class Graph {
  readonly nodes: GrowingNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  readonly #trace: Trace;
  readonly #names: ReadonlyMap<DeviceBuffer, string>;
  readonly #own: ReadonlySet<string>;
  readonly #taken: Set<string>;
  /** By buffer, in each shape in which it is read. */
  readonly #values = new Map<DeviceBuffer, Value[]>();
  /** Names of initializers by buffer, shape and order. */
  readonly #constants = new Map<DeviceBuffer, Map<string, string>>();

  /** `names` are those of the model's tensors; all others make up their own. */
  constructor(trace: Trace, names: ReadonlyMap<DeviceBuffer, string>, reserved: readonly string[]) {
    this.#trace = trace;
    this.#names = names;
    this.#own = new Set(names.values());
    this.#taken = new Set([...this.#own, ...reserved]);
  }

  /** Says what a buffer of the trace is in the graph. */
  define(buffer: DeviceBuffer, value: Value): void {
    this.#values.set(buffer, [value]);
  }

  /** The value of an operand that depends on the images, in its shape; else undefined. */
  value({ buffer, shape }: Operand): Value | undefined {
    const known = this.#values.get(buffer);
    if (known === undefined) return undefined;
    const text = formatShape(shape);
    const same = known.find((value) => formatShape(value.shape) === text);
    if (same !== undefined) return same;
    const value = reshaped(this, known[0]!, shape);
    known.push(value);
    return value;
  }

  /** How many operands of the trace, and its result, are a buffer. */
  uses(wanted: DeviceBuffer): number {
    const { calls, output } = this.#trace;
    const all = [output, ...calls.flatMap(({ inputs }) => inputs)];
    return all.filter(({ buffer }) => buffer === wanted).length;
  }

  /** Adds a node; gives the name of its output, which is also its own. */
  add({ op, inputs, attributes = {} }: NodeFields): string {
    const owner = inputs.find((input) => this.#own.has(input) && input.includes("."));
    const name = this.#unique(owner?.slice(0, owner.lastIndexOf(".")) ?? op.toLowerCase());
    this.nodes.push({ name, op, inputs: [...inputs], output: name, attributes });
    return name;
  }

  /** The node that makes a value. */
  maker({ name }: Value): GrowingNode | undefined {
    return this.nodes.find(({ output }) => output === name);
  }

  /** The name of an operand that is the same for all images, in an order. */
  constant({ buffer }: Operand, { shape, view, axes }: Arrangement): string {
    const key = [shape, view, axes].map(formatShape).join(" ");
    const known = this.#constants.get(buffer) ?? new Map<string, string>();
    this.#constants.set(buffer, known);
    const before = known.get(key);
    if (before !== undefined) return before;
    const own = this.#names.get(buffer);
    const name = own !== undefined && known.size === 0 ? own : this.#unique(own ?? "constant");
    known.set(key, name);
    const data = rearranged(this.#trace.constants.get(buffer)!, view, axes);
    this.initializers.push({ name, shape, data });
    return name;
  }

  /** The name of an operand that is broadcast to a value; undefined where it cannot be. */
  constantBeside(operand: Operand, value: Value): string | undefined {
    const order = beside(value, operand.shape);
    return order && this.constant(operand, order);
  }

  /** The name of whole numbers that are an operand of a node. */
  wholeNumbers(what: string, numbers: readonly number[]): string {
    const name = this.#unique(what);
    const data = BigInt64Array.from(numbers, BigInt);
    this.initializers.push({ name, shape: [numbers.length], data });
    return name;
  }

  /** The one element of an operand that is the same for all images; undefined for any other. */
  number({ buffer, shape }: Operand): number | undefined {
    const data = this.#trace.constants.get(buffer);
    return data?.length === 1 && shape.every((size) => size === 1) ? data[0] : undefined;
  }

  /** Throws: this call has no translation. */
  refuse({ kernel, inputs }: TracedCall, what: string): never {
    const shapes = inputs.map(({ buffer, shape }) => {
      return formatShape(shape).replace(/(?<=^\[)\d+/, (size) => {
        return this.#values.has(buffer) ? "N" : size;
      });
    });
    throw new ExportError(`Cannot export ${kernel} of ${shapes.join(" and ")} to ONNX: ${what}`);
  }

  /** A name that nothing has yet. */
  #unique(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.#taken.has(name); count++) name = `${wanted}_${count}`;
    this.#taken.add(name);
    return name;
  }
}
