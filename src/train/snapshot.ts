/**
 * Snapshots: what a training holds on its device, copied to the host, so that it can go on from there
 * after a GPU was lost, or go back to its best parameters.
 *
 * @module
 */
import type { DType, TypedArray } from "../dtype.ts";
import type { Module, Optimizer, OptimizerState } from "../nn/mod.ts";
import { tidy } from "../scope.ts";
import type { Shape } from "../shape.ts";
import { type Tensor, tensor } from "../tensor/mod.ts";
import { streamsOf } from "./position.ts";

/** A copy on the host. */
export interface Snapshot {
  /** Bytes that it holds. */
  readonly bytes: number;
  /**
   * Puts everything back, as often as wanted: parameters, running statistics, the optimiser's state,
   * rates and step counts, and the places of random streams. Gradients are dropped. The model is on
   * the device that it was on; after a loss, `restore()` the device first.
   *
   * @throws BackendError while the device is lost.
   */
  restore(): void;
}

/** What is known of a tensor without its elements. */
interface Place {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

function placesOf(tensors: Readonly<Record<string, Tensor>>): readonly Place[] {
  return Object.entries(tensors).map(([name, { shape, dtype }]) => ({ name, shape, dtype }));
}

/**
 * Copies the state of a model, and of its optimiser, to the host. It is the state at the time of the
 * call, even if training goes on before the promise is fulfilled. Random streams count that are in
 * public fields of modules.
 *
 * @example
 * ```ts
 * import { SGD, init, Linear, RandomStream, snapshot } from "tapegrad";
 * const device = await init({ device: "reference" });
 * const model = new Linear(4, 2, { random: new RandomStream(1) });
 * const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
 * const saved = await snapshot(model, optimizer);
 * // ... train; and when the GPU is lost:
 * if (device.isLost) await device.restore();
 * saved.restore();
 * ```
 * @throws BackendError when the device is lost before the copies are here.
 */
export async function snapshot(model: Module, optimizer?: Optimizer): Promise<Snapshot> {
  const streams = [...streamsOf(model).values()].map((stream) => ({ stream, step: stream.step }));
  // Views that are only needed until the copies are asked for.
  const { own, state, reading } = tidy(() => {
    const tensors = model.stateDict(), state = optimizer?.stateDict();
    const all = [...Object.values(tensors), ...Object.values(state?.tensors ?? {})];
    return {
      own: placesOf(tensors),
      state: state === undefined ? undefined : { ...state, tensors: placesOf(state.tensors) },
      reading: read(all),
    };
  });
  const { device, data } = await reading;
  const bytes = data.reduce((sum, { byteLength }) => sum + byteLength, 0);
  function restore(): void {
    tidy(() => {
      const made = (places: readonly Place[], values: readonly TypedArray[]) => {
        return Object.fromEntries(places.map(({ name, shape, dtype }, i) => {
          return [name, tensor(values[i]!, { shape, dtype, ...device && { device } })];
        }));
      };
      const loaded: OptimizerState | undefined = state &&
        { ...state, tensors: made(state.tensors, data.slice(own.length)) };
      model.loadStateDict(made(own, data));
      model.zeroGrad();
      if (loaded !== undefined) optimizer?.loadStateDict(loaded);
    });
    for (const { stream, step } of streams) stream.step = step;
  }
  return { bytes, restore };
}

/** The elements of tensors on one device, with one wait. */
async function read(tensors: readonly Tensor[]): Promise<{
  readonly device: Tensor["device"] | undefined;
  readonly data: readonly TypedArray[];
}> {
  const [first] = tensors;
  if (first === undefined) return { device: undefined, data: [] };
  return { device: first.device, data: await first.device.read(tensors.map((it) => it.buffer)) };
}
