/**
 * What optimisers share: which tensors they move, state per tensor, and the scalars of a step. A
 * step is one kernel call per tensor, in place and never recorded.
 *
 * @module
 */
import { BackendError, DTypeError, GradientError } from "../../errors.ts";
import { sgd } from "../../kernels/mod.ts";
import { keep, tidy } from "../../scope.ts";
import { hostValues, noteRebinding, type Tensor, update, zeros } from "../../tensor/mod.ts";
import { type OptimizerState, restoreSlots, type Slot, stateOf } from "./state.ts";

/** What an optimiser moves: `model.parameters()`, or a list. */
export type ParameterList = ReadonlyMap<string, Tensor> | readonly Tensor[];

/** What all optimisers can be told. */
export interface AveragingOptions {
  /**
   * Keep running means of the parameters, see `averages()`: after each step a mean moves by 1 -
   * averageDecay towards its parameter, by 1 / t in the t-th of the first steps. 0 to below 1.
   * Default: none are kept.
   */
  readonly averageDecay?: number;
}

/** Rates to begin with. */
export interface Rates extends AveragingOptions {
  /** Learning rate. */
  readonly lr: number;
  /** Share of the past that is kept; the first beta of Adam. */
  readonly momentum: number;
}

/** A parameter that is moved in a step. */
interface Move {
  readonly parameter: Tensor;
  readonly grad: Tensor;
  readonly slot: Slot;
  readonly decays: boolean;
}

function named(parameters: ParameterList): Map<string, Tensor> {
  if (!Array.isArray(parameters)) return new Map(parameters as ReadonlyMap<string, Tensor>);
  return new Map(parameters.map((parameter: Tensor, i) => [String(i), parameter]));
}

/** Throws RangeError unless the number is within [low, high). */
export function checkRange(name: string, value: number, low: number, high: number): void {
  if (value >= low && value < high) return;
  const wanted = high === Infinity ? `a number >= ${low}` : `from ${low} to below ${high}`;
  throw new RangeError(`Cannot optimise with ${name} ${value}: it must be ${wanted}`);
}

const AVERAGE = "average";

/** The base of optimisers. */
export abstract class Optimizer {
  /** What it moves, by name. Those without a gradient are skipped. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Share of the past in running means of the parameters; undefined: none are kept. */
  readonly averageDecay: number | undefined;
  readonly #first: Tensor;
  readonly #slots: Map<string, Slot> = new Map();
  #lr = 0;
  #momentum = 0;

  /** All parameters must be leaves of one type on one device. */
  constructor(parameters: ParameterList, { lr, momentum, averageDecay }: Rates) {
    this.parameters = named(parameters);
    if (averageDecay !== undefined) checkRange("the decay of averages", averageDecay, 0, 1);
    this.averageDecay = averageDecay;
    const [first, ...others] = this.parameters.values();
    if (first === undefined) {
      throw new RangeError("Cannot optimise without parameters: give at least one tensor");
    }
    this.#first = first;
    const made = [...this.parameters.values()].find(({ isLeaf }) => !isLeaf);
    if (made !== undefined) {
      throw new GradientError(
        `Cannot optimise the result of ${made.node!.rule!.name}: parameters must be leaves, ` +
          "use detach() and requiresGrad",
      );
    }
    for (const { device, dtype } of others) {
      if (device !== first.device) {
        throw new BackendError(
          `Cannot optimise parameters on the devices ${first.device.backend} and ` +
            `${device.backend}: all must be on one device`,
        );
      }
      if (dtype !== first.dtype) {
        throw new DTypeError(
          `Cannot optimise parameters of types ${first.dtype} and ${dtype}: ` +
            "all must have the same type",
        );
      }
    }
    if (new Set(this.parameters.values()).size < this.parameters.size) {
      throw new RangeError("Cannot optimise one tensor twice: each parameter must occur once");
    }
    this.lr = lr;
    this.momentum = momentum;
  }

  /** Learning rate; assign it before a step, for example from a schedule. */
  get lr(): number {
    return this.#lr;
  }

  set lr(value: number) {
    checkRange("the learning rate", value, 0, Infinity);
    this.#lr = value;
  }

  /** Share of the past in the direction: momentum of SGD, first beta of Adam. */
  get momentum(): number {
    return this.#momentum;
  }

  set momentum(value: number) {
    checkRange("momentum", value, 0, 1);
    this.#momentum = value;
  }

  /** Name in saved states. */
  protected abstract readonly kind: string;

  /** The scalars of a tensor's step; steps count from 1. `decays` as in the method of that name. */
  protected abstract scalars(step: number, decays: boolean): readonly number[];

  /** Whether a parameter is pulled to 0. Default: all are. */
  protected decays(_name: string, _parameter: Tensor): boolean {
    return true;
  }

  /** Runs the kernel on [gradient, scalars]; `state` gives this tensor's state, zeros at first. */
  protected abstract update(
    inputs: readonly [grad: Tensor, scalars: Tensor],
    parameter: Tensor,
    state: (name: string) => Tensor,
  ): void;

  /** Moves every parameter that has a gradient. */
  step(): void {
    // Tensors that had a gradient equally often, as a rule all of them, share their scalars.
    const groups = new Map<string, Move[]>();
    for (const [name, parameter] of this.parameters) {
      const { grad } = parameter;
      if (grad === null) continue;
      const slot = this.#slots.get(name) ?? { steps: 0, tensors: new Map() };
      this.#slots.set(name, slot);
      const decays = this.decays(name, parameter), key = `${slot.steps} ${decays}`;
      const group = groups.get(key) ?? [];
      groups.set(key, group);
      group.push({ parameter, grad, slot, decays });
    }
    for (const group of groups.values()) tidy(() => this.#move(group));
  }

  /**
   * Running means of the parameters by name (Polyak and Juditsky, 1992; with a decay, as PyTorch's
   * get_ema_multi_avg_fn): views, which later steps show in. A parameter that never had a gradient
   * has none.
   *
   * @example
   * ```ts
   * import { Linear, RandomStream, SGD, tensor } from "tapegrad";
   * const model = new Linear(2, 1, { random: new RandomStream(1) });
   * const optimizer = new SGD(model.parameters(), { lr: 0.1, averageDecay: 0.99 });
   * model.forward(tensor([[1, 2]])).square().sum().backward();
   * optimizer.step();
   * model.loadStateDict({ ...model.stateDict(), ...optimizer.averages() });
   * ```
   * @throws RangeError when no means are kept.
   */
  averages(): Readonly<Record<string, Tensor>> {
    if (this.averageDecay === undefined) {
      throw new RangeError("Cannot give averages: none are kept, make it with averageDecay");
    }
    const kept = [...this.#slots].flatMap(([name, { tensors }]) => {
      const average = tensors.get(AVERAGE);
      return average === undefined ? [] : [[name, average.detach()] as const];
    });
    return Object.fromEntries(kept);
  }

  /** Drops the gradients of all parameters. */
  zeroGrad(): void {
    for (const parameter of this.parameters.values()) {
      parameter.grad?.dispose();
      parameter.grad = null;
    }
  }

  /**
   * What is needed to go on later as if there had been no break: rates, step counts, and views of
   * the state, which later steps show in until they are disposed.
   */
  stateDict(): OptimizerState {
    return stateOf({ kind: this.kind, lr: this.lr, momentum: this.momentum }, this.#slots);
  }

  /**
   * Takes over copies of a state. All or nothing.
   *
   * @throws TypeError for the state of another kind of optimiser or of other parameters, ShapeError,
   * DTypeError and BackendError for tensors that do not fit.
   */
  loadStateDict(state: OptimizerState): void {
    for (const name of Object.keys(state.steps)) {
      const has = Object.hasOwn(state.tensors, `${name}.${AVERAGE}`);
      if (has === (this.averageDecay !== undefined)) continue;
      throw new TypeError(
        `Cannot load the state of ${this.kind}: it has ${has ? "an" : "no"} average of ${name}, ` +
          `averageDecay must be ${has ? "set" : "left out"}`,
      );
    }
    const slots = restoreSlots(this.kind, this.parameters, state);
    this.lr = state.lr;
    this.momentum = state.momentum;
    this.#clear();
    for (const [name, slot] of slots) this.#slots.set(name, slot);
  }

  /** Gives its state back; the parameters stay. Twice is harmless. */
  dispose(): void {
    this.#clear();
  }

  /** `using optimizer = ...` disposes it at the end of its block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #clear(): void {
    noteRebinding();
    for (const { tensors } of this.#slots.values()) {
      for (const tensor of tensors.values()) tensor.dispose();
    }
    this.#slots.clear();
  }

  #state(slot: Slot, field: string, { shape, dtype, device }: Tensor): Tensor {
    const state = slot.tensors.get(field) ?? keep(zeros(shape, { dtype, device }));
    slot.tensors.set(field, state);
    return state;
  }

  /** One step of tensors that made equally many before, and all decay or none does. */
  #move(group: readonly Move[]): void {
    const [{ slot, decays }] = group as [Move];
    const scalars = hostValues([this.scalars(slot.steps + 1, decays).length], (into) => {
      for (const { slot } of group) slot.steps++;
      into.set(this.scalars(slot.steps, decays));
    }, this.#first);
    for (const { parameter, grad, slot } of group) {
      this.update([grad, scalars], parameter, (field) => this.#state(slot, field, parameter));
    }
    if (this.averageDecay !== undefined) this.#average(group, 1 - this.averageDecay);
  }

  /** Moves the means: a step of SGD, p - lr (g + weightDecay p), with the right signs. */
  #average(group: readonly Move[], share: number): void {
    const [{ slot }] = group as [Move];
    const scalars = hostValues([4], (into) => {
      into.set([-Math.max(share, 1 / slot.steps), -1, 0, 1]);
    }, this.#first);
    for (const { parameter, slot } of group) {
      const average = this.#state(slot, AVERAGE, parameter);
      update(sgd, [parameter, scalars], [average], undefined);
    }
  }
}
