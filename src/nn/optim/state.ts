/**
 * State of optimisers as plain records, to save and to resume.
 *
 * @module
 */
import { keep } from "../../scope.ts";
import type { Tensor } from "../../tensor/mod.ts";
import { checkFits, copyOf } from "../state.ts";

/** State of one parameter. */
export interface Slot {
  /** Steps so far. */
  steps: number;
  /** Its tensors: velocity, mean, square. */
  readonly tensors: Map<string, Tensor>;
}

/** State of an optimiser. */
export interface OptimizerState {
  /** Which kind of optimiser it belongs to. */
  readonly kind: string;
  /** Learning rate. */
  readonly lr: number;
  /** Momentum of SGD, first beta of Adam. */
  readonly momentum: number;
  /** Steps so far by the parameter's name. */
  readonly steps: Readonly<Record<string, number>>;
  /** By the parameter's name, then the name of the state: `0.weight.velocity`. */
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/** The record of slots. */
export function stateOf(
  rates: Pick<OptimizerState, "kind" | "lr" | "momentum">,
  slots: ReadonlyMap<string, Slot>,
): OptimizerState {
  const entries = [...slots];
  return {
    ...rates,
    steps: Object.fromEntries(entries.map(([name, { steps }]) => [name, steps])),
    tensors: Object.fromEntries(entries.flatMap(([name, { tensors }]) => {
      return [...tensors].map(([field, tensor]) => [`${name}.${field}`, tensor.detach()]);
    })),
  };
}

/** Slots with copies of what a record holds, after everything in it was checked. */
export function restoreSlots(
  kind: string,
  parameters: ReadonlyMap<string, Tensor>,
  state: OptimizerState,
): Map<string, Slot> {
  const act = `load the state of ${kind}`;
  if (state.kind !== kind) {
    throw new TypeError(`Cannot ${act}: this is one of ${state.kind}, the kind must be the same`);
  }
  const unknown = Object.keys(state.steps).filter((name) => !parameters.has(name));
  if (unknown.length > 0) {
    throw new TypeError(`Cannot ${act}: no parameters are called ${unknown.join(", ")}`);
  }
  const found = Object.entries(state.tensors).map(([name, tensor]) => {
    const end = name.lastIndexOf(".");
    const owner = name.slice(0, end);
    const parameter = parameters.get(owner);
    if (parameter === undefined || !Object.hasOwn(state.steps, owner)) {
      throw new TypeError(`Cannot ${act}: no parameter with steps belongs to ${name}`);
    }
    checkFits(act, name, parameter, tensor);
    return { owner, field: name.slice(end + 1), tensor };
  });
  const slots = new Map<string, Slot>();
  for (const [name, steps] of Object.entries(state.steps)) {
    slots.set(name, { steps, tensors: new Map() });
  }
  for (const { owner, field, tensor } of found) {
    slots.get(owner)!.tensors.set(field, keep(copyOf(tensor)));
  }
  return slots;
}
