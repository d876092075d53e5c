/**
 * The base of layers and models. A module is plain data: its parameters are found by walking its
 * fields, so nothing is registered and there is no magic in assignment.
 *
 * @module
 */
import { formatShape } from "../shape.ts";
import { Tensor } from "../tensor/mod.ts";
import { type LoadOptions, type LoadReport, loadTensors } from "./state.ts";

/** What a walk through the fields of a module found, by dotted name. */
interface Contents {
  readonly modules: Map<string, Module>;
  readonly parameters: Map<string, Tensor>;
  readonly buffers: Map<string, Tensor>;
}

/** The tensors and modules that a value holds, through arrays and plain records; each once. */
function* held(
  value: unknown,
  name: string,
  seen: Set<unknown>,
): Generator<readonly [string, Tensor | Module]> {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  const isLeaf = value instanceof Tensor || value instanceof Module;
  const isRecord = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (!isLeaf && !isRecord || seen.has(value)) return;
  seen.add(value);
  if (isLeaf) yield [name, value];
  else for (const [key, item] of Object.entries(value)) yield* held(item, `${name}.${key}`, seen);
}

/** A dotted name below a prefix. */
function below(prefix: string, name: string): string {
  return prefix === "" ? name : `${prefix}.${name}`;
}

/**
 * A layer or a model. Tensors in its fields are parameters, except those that `bufferNames` lists;
 * modules in its fields are its parts. Arrays and plain records of them count too; private `#fields`
 * do not. A tensor held in two places counts once, under the first name.
 *
 * @example
 * ```ts
 * import { Linear, Module, RandomStream, type Tensor } from "tapegrad";
 * class Residual extends Module {
 *   readonly inner = new Linear(8, 8, { random: new RandomStream(1) });
 *   forward(x: Tensor): Tensor {
 *     return x.add(this.inner.forward(x).relu());
 *   }
 * }
 * [...new Residual().parameters().keys()]; // ["inner.weight", "inner.bias"]
 * ```
 */
export abstract class Module {
  /** Whether dropout drops and batch normalization uses the batch's own statistics. */
  training = true;

  /** What it computes. */
  abstract forward(x: Tensor): Tensor;

  /** Names of the fields whose tensors are state but not learned: running statistics. */
  protected get bufferNames(): readonly string[] {
    return [];
  }

  /** Settings in the printed form: `3, 16, bias=false`. */
  protected get settings(): string {
    return "";
  }

  /** What is walked, by name. Default: the fields. */
  protected fields(): Iterable<readonly [string, unknown]> {
    return Object.entries(this);
  }

  /** The learned tensors by dotted name, in the order of the fields. */
  parameters(): Map<string, Tensor> {
    return this.#contents().parameters;
  }

  /** State that is not learned, by dotted name. */
  buffers(): Map<string, Tensor> {
    return this.#contents().buffers;
  }

  /** This module, under the name "", and all its parts by dotted name. */
  modules(): Map<string, Module> {
    return this.#contents().modules;
  }

  /** Number of elements of all parameters. */
  parameterCount(): number {
    return [...this.parameters().values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Sets this module and its parts to training, or off it. */
  train(on = true): this {
    for (const module of this.modules().values()) module.training = on;
    return this;
  }

  /** Sets this module and its parts to evaluation: the same as `train(false)`. */
  eval(): this {
    return this.train(false);
  }

  /** Drops the gradients of all parameters. */
  zeroGrad(): void {
    for (const parameter of this.parameters().values()) {
      parameter.grad?.dispose();
      parameter.grad = null;
    }
  }

  /**
   * Parameters and buffers by name. They are views off the tape: an optimiser's step shows in them,
   * and they outlive the module until they are disposed.
   */
  stateDict(): Record<string, Tensor> {
    const { parameters, buffers } = this.#contents();
    return Object.fromEntries(
      [...parameters, ...buffers].map(([name, tensor]) => [name, tensor.detach()]),
    );
  }

  /**
   * Takes over copies of the tensors of a dictionary. All or nothing: every name, shape, type and
   * device is checked before the first is assigned. Gradients and requiresGrad stay as they are.
   *
   * @throws TypeError for names that are missing or not known, unless `strict` is false; ShapeError,
   * DTypeError and BackendError for tensors that do not fit.
   */
  loadStateDict(dict: Readonly<Record<string, Tensor>>, options: LoadOptions = {}): LoadReport {
    const { parameters, buffers } = this.#contents();
    const own = new Map([...parameters, ...buffers]);
    return loadTensors(this.constructor.name, own, dict, options);
  }

  /** Gives all parameters, their gradients and all buffers back. Twice is harmless. */
  dispose(): void {
    const { parameters, buffers } = this.#contents();
    for (const tensor of [...parameters.values(), ...buffers.values()]) tensor.dispose();
  }

  /** `using model = ...` disposes it at the end of its block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** For people: its name and settings, then one line per part. */
  toString(): string {
    const { name } = this.constructor;
    const seen = new Set<unknown>([this]);
    const parts = [...this.fields()].flatMap(([field, value]) => [...held(value, field, seen)]);
    const lines = parts.flatMap(([field, part]) => {
      return part instanceof Module ? `(${field}): ${part}`.split("\n") : [];
    });
    const own = parts.flatMap(([field, part]) => {
      const shown = part instanceof Tensor && this.settings === "";
      return shown ? [`${field}=${formatShape(part.shape)}`] : [];
    });
    const settings = this.settings || own.join(", ");
    if (lines.length === 0) return `${name}(${settings})`;
    const body = settings === "" ? lines : [settings, ...lines];
    return `${name}(\n${body.map((line) => `  ${line}\n`).join("")})`;
  }

  #contents(): Contents {
    const contents = { modules: new Map(), parameters: new Map(), buffers: new Map() };
    this.#collect("", contents, new Set([this]));
    return contents;
  }

  #collect(prefix: string, contents: Contents, seen: Set<unknown>): void {
    contents.modules.set(prefix, this);
    for (const [field, value] of this.fields()) {
      const tensors = this.bufferNames.includes(field) ? contents.buffers : contents.parameters;
      for (const [name, item] of held(value, below(prefix, field), seen)) {
        if (item instanceof Tensor) tensors.set(name, item);
        else item.#collect(name, contents, seen);
      }
    }
  }
}
