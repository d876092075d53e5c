/**
 * The training loop: epochs of shuffled batches, figures read back rarely.
 *
 * @module
 */
import { type Augmentation, batches, type Dataset } from "../data/mod.ts";
import { GradientError } from "../errors.ts";
import { type Module, type Optimizer, rememberModes, type Schedule } from "../nn/mod.ts";
import type { RandomStream } from "../random.ts";
import { Captures } from "../tensor/mod.ts";
import { keep } from "../scope.ts";
import { Keeper } from "./keeper.ts";
import { drawsOf, type EpochFigures, type FitPosition, streamsOf } from "./position.ts";
import type { OnProgress } from "./progress.ts";
import { type AdversarialTraining, trainStep } from "./step.ts";
import { NO_SUMS, Tally } from "./tally.ts";

export type { EpochFigures };

/** How to train. */
export interface FitOptions {
  /** It holds the parameters to train. */
  readonly optimizer: Optimizer;
  /** Passes over the data. */
  readonly epochs: number;
  /** Shuffles the data. */
  readonly random: RandomStream;
  /** Examples per step. Default 64. */
  readonly batchSize?: number;
  /**
   * Learning rate, and momentum if it has one, of every step, counted from 0 over all epochs.
   * Default: the optimiser's own.
   */
  readonly schedule?: Schedule;
  /**
   * Change the images at random, anew in every epoch; or how in each epoch, counted from 1. Default:
   * as they are.
   */
  readonly augment?: Augmentation | ((epoch: number) => Augmentation);
  /** Train with adversarial or noisy images. Default: clean ones. */
  readonly adversarial?: AdversarialTraining;
  /** Receives progress each time that figures are read back. */
  readonly onProgress?: OnProgress;
  /** Steps between reading figures back. Default 20. */
  readonly readEvery?: number;
  /**
   * Capture the steps, see `capture`: faster, and equal bit for bit. Default true; false for models
   * that do not compute the same way in every step.
   */
  readonly capture?: boolean;
  /**
   * Keep a snapshot of model and optimiser on the host, taken when figures are read back and at least
   * this many steps passed. When the GPU is lost, the device is restored and training goes on from
   * the last snapshot, with the same result as without the loss; `onProgress` then tells of some
   * steps again. Default: none, and fit() is rejected when the GPU is lost.
   */
  readonly snapshotEvery?: number;
  /** Share of every label that goes to all classes alike, 0 to below 1. Default 0. */
  readonly labelSmoothing?: number;
  /** Where to go on, from `onPosition` of a run with the same options. Default: at the beginning. */
  readonly from?: FitPosition;
  /** Hears where the run is: after every epoch, every `positionEvery` steps, and when it is stopped. */
  readonly onPosition?: (position: FitPosition) => void | Promise<void>;
  /** Steps between two positions. Default: those of an epoch. */
  readonly positionEvery?: number;
  /** Stops between two steps; what was learned stays. */
  readonly signal?: AbortSignal;
}

function checkFinite(loss: number, step: number): void {
  if (Number.isFinite(loss)) return;
  throw new GradientError(
    `Cannot go on training: the loss is ${loss} at step ${step}, lower the learning rate`,
  );
}

function follow(optimizer: Optimizer, schedule: Schedule | undefined, step: number): void {
  if (schedule === undefined) return;
  optimizer.lr = schedule(step);
  if (schedule.momentum !== undefined) optimizer.momentum = schedule.momentum(step);
}

/**
 * Trains a model. It is in training mode during the fit and gets every layer's mode back after.
 *
 * @example
 * ```ts
 * import { Adam, fit, RandomStream, smallCnn } from "tapegrad";
 * import type { Dataset } from "tapegrad";
 * async function train(data: Dataset) {
 *   const random = new RandomStream(1);
 *   const model = smallCnn({ random });
 *   const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
 *   return await fit(model, data, { optimizer, epochs: 1, random });
 * }
 * ```
 * @throws GradientError when the loss is not finite; the signal's reason when it is aborted.
 */
export async function fit(
  model: Module,
  data: Dataset,
  options: FitOptions,
): Promise<EpochFigures[]> {
  const { optimizer, epochs, random, batchSize = 64, schedule, adversarial, augment } = options;
  const { onProgress, readEvery = 20, capture = true, signal, snapshotEvery: every } = options;
  const { from: start, onPosition, labelSmoothing } = options;
  const perEpoch = Math.ceil(data.labels.length / batchSize);
  const { positionEvery = perEpoch } = options;
  const [parameter] = model.parameters().values();
  const cut = {
    batchSize,
    random,
    ...parameter === undefined ? {} : { device: parameter.device },
  };
  const augmentIn = typeof augment === "function" ? augment : () => augment;
  const captures = capture ? keep(new Captures()) : undefined;
  const how = {
    ...labelSmoothing === undefined ? {} : { labelSmoothing },
    ...adversarial === undefined ? {} : { adversarial },
    ...captures === undefined ? {} : { captures },
  };
  let sizes = "";
  /** How the images change in an epoch. Steps captured for another size of them are given back. */
  const changesIn = (epoch: number): { readonly augment?: Augmentation } => {
    const changes = augmentIn(epoch), before = sizes;
    sizes = String(changes?.size);
    if (sizes !== before) captures?.dispose();
    return changes === undefined ? {} : { augment: changes };
  };
  const restore = rememberModes(model);
  const keeper = every === undefined || parameter === undefined
    ? undefined
    : new Keeper<FitPosition>({ model, optimizer, device: parameter.device, every });
  let tally = new Tally();

  async function trainFrom(position: FitPosition): Promise<EpochFigures[]> {
    const history = [...position.history];
    const at = (step: number, rest: Pick<FitPosition, "sums" | "before" | "now">): FitPosition => {
      return { step, history: [...history], layers: drawsOf(model), ...rest };
    };
    let from: FitPosition | undefined = position;
    let step = position.step;
    for (let epoch = Math.floor(step / Math.max(1, perEpoch)) + 1; epoch <= epochs; epoch++) {
      tally = new Tally(from?.sums);
      const before = from?.before ?? random.step, end = epoch * perEpoch;
      const here = () => at(step, { sums: tally.sums, before, now: random.step });
      random.step = before;
      const skip = step - end + perEpoch;
      for (const batch of batches(data, { ...cut, ...changesIn(epoch), epoch, skip })) {
        // The order was drawn; go on behind what was drawn later.
        random.step = from?.now ?? random.step;
        from = undefined;
        if (signal?.aborted) {
          await tally.settle();
          await onPosition?.(here());
          signal.throwIfAborted();
        }
        follow(optimizer, schedule, step);
        tally.add(trainStep(model, optimizer, batch, { ...how, step }));
        await batch.images.device.pace();
        step++;
        const due = step % positionEvery === 0;
        if (step % readEvery !== 0 && step < end && !due) continue;
        await tally.settle();
        checkFinite(tally.loss, step);
        onProgress?.({
          label: `epoch ${epoch} of ${epochs}`,
          done: step,
          total: perEpoch * epochs,
          figures: { loss: tally.loss / tally.steps, accuracy: tally.correct / tally.seen },
        });
        if (step === end) continue;
        await keeper?.keep(here());
        if (due) await onPosition?.(here());
      }
      from = undefined;
      const { loss, correct, seen, steps } = tally;
      history.push({ epoch, loss: loss / steps, accuracy: correct / seen });
      const next = at(step, { sums: NO_SUMS, before: random.step });
      await onPosition?.(next);
      if (epoch < epochs) await keeper?.keep(next);
    }
    return history;
  }

  model.train();
  for (const [name, stream] of streamsOf(model)) stream.step = start?.layers[name] ?? stream.step;
  const beginning = { step: 0, history: [], sums: NO_SUMS, before: random.step };
  let place: FitPosition = start ?? { ...beginning, layers: drawsOf(model) };
  try {
    await keeper?.keep(place);
    for (;;) {
      try {
        return await trainFrom(place);
      } catch (error) {
        tally.drop();
        if (keeper === undefined) throw error;
        place = await keeper.recover(error);
      }
    }
  } finally {
    tally.drop();
    captures?.dispose();
    restore();
  }
}
