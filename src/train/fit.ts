/**
 * The training loop: epochs of shuffled batches, figures read back rarely.
 *
 * @module
 */
import { type Augmentation, batches, type Dataset } from "../data/mod.ts";
import { GradientError } from "../errors.ts";
import { type Module, type Optimizer, rememberModes, type Schedule } from "../nn/mod.ts";
import { RandomStream } from "../random.ts";
import { Captures } from "../tensor/mod.ts";
import { keep } from "../scope.ts";
import type { OnProgress } from "./progress.ts";
import { type AdversarialTraining, type StepFigures, trainStep } from "./step.ts";

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
  /** Change the images at random, anew in every epoch. Default: as they are. */
  readonly augment?: Augmentation;
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

/** Figures of one epoch, over the images that its steps saw, while the network changed. */
export interface EpochFigures {
  /** Counted from 1. */
  readonly epoch: number;
  /** Mean over the steps, in nats. */
  readonly loss: number;
  /** Share of images predicted right, 0 to 1. */
  readonly accuracy: number;
}

/**
 * Where a run is. With the parameters, buffers and the state of the optimiser at this point, it goes
 * on as if there had been no break, bit for bit.
 */
export interface FitPosition {
  /** Steps so far, over all epochs. */
  readonly step: number;
  /** Figures of the epochs that are over. */
  readonly history: readonly EpochFigures[];
  /** Sums of the epoch that is under way. */
  readonly sums: FitSums;
  /** Draws so far of the stream that shuffles, before this epoch, and of those of layers, by name. */
  readonly draws: Readonly<Record<string, number>>;
}

/** Sums of figures over steps. */
export interface FitSums {
  /** Of the losses, in nats. */
  readonly loss: number;
  /** Images predicted right. */
  readonly correct: number;
  /** Images. */
  readonly seen: number;
  /** Steps. */
  readonly steps: number;
}

/** Sums of figures that wait on the device. */
class Tally {
  loss = 0;
  correct = 0;
  seen = 0;
  steps = 0;
  readonly #waiting: StepFigures[] = [];

  constructor(sums: FitSums = { loss: 0, correct: 0, seen: 0, steps: 0 }) {
    Object.assign(this, sums);
  }

  get sums(): FitSums {
    const { loss, correct, seen, steps } = this;
    return { loss, correct, seen, steps };
  }

  add(figures: StepFigures): void {
    this.#waiting.push(figures);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Reads what waits, in one go. */
  async settle(): Promise<void> {
    const waiting = this.#waiting.splice(0);
    const tensors = waiting.flatMap(({ loss, correct }) => [loss, correct]);
    if (tensors.length === 0) return;
    const values = await tensors[0]!.device.read(tensors.map((tensor) => tensor.buffer));
    for (const tensor of tensors) tensor.dispose();
    waiting.forEach(({ seen }, i) => {
      this.loss += values[2 * i]![0]!;
      this.correct += values[2 * i + 1]![0]!;
      this.seen += seen;
      this.steps++;
    });
  }

  drop(): void {
    for (const { loss, correct } of this.#waiting.splice(0)) {
      loss.dispose();
      correct.dispose();
    }
  }
}

/** Streams that layers draw from, by name. */
function streamsOf(model: Module): Map<string, RandomStream> {
  const found = new Map<string, RandomStream>();
  for (const [name, module] of model.modules()) {
    for (const [field, value] of Object.entries(module)) {
      if (value instanceof RandomStream) found.set(`${name}.${field}`, value);
    }
  }
  return found;
}

/** Name of the draws that shuffle: no layer is called so. */
const SHUFFLE = " shuffle";

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
  const { onProgress, readEvery = 20, capture = true, signal, labelSmoothing } = options;
  const { from, onPosition } = options;
  const perEpoch = Math.ceil(data.labels.length / batchSize);
  const { positionEvery = perEpoch } = options;
  const [parameter] = model.parameters().values();
  const cut = {
    batchSize,
    random,
    ...parameter === undefined ? {} : { device: parameter.device },
    ...augment === undefined ? {} : { augment },
  };
  const captures = capture ? keep(new Captures()) : undefined;
  const how = {
    ...labelSmoothing === undefined ? {} : { labelSmoothing },
    ...adversarial === undefined ? {} : { adversarial },
    ...captures === undefined ? {} : { captures },
  };
  const restore = rememberModes(model);
  const history: EpochFigures[] = [...from?.history ?? []];
  const streams = streamsOf(model);
  if (from !== undefined) {
    random.step = from.draws[SHUFFLE] ?? random.step;
    for (const [name, stream] of streams) stream.step = from.draws[name] ?? stream.step;
  }
  let step = from?.step ?? 0, shuffled = random.step;
  let tally = new Tally();
  const tell = async (): Promise<void> => {
    await tally.settle();
    const draws = [...streams].map(([name, stream]) => [name, stream.step] as const);
    await onPosition?.({
      step,
      history: [...history],
      sums: tally.sums,
      draws: Object.fromEntries([[SHUFFLE, shuffled], ...draws]),
    });
  };
  model.train();
  try {
    for (let epoch = Math.floor(step / perEpoch) + 1; epoch <= epochs; epoch++) {
      const skip = step - (epoch - 1) * perEpoch;
      tally = new Tally(skip > 0 ? from?.sums : undefined);
      shuffled = random.step;
      for (const batch of batches(data, { ...cut, epoch, skip })) {
        if (signal?.aborted) {
          await tell();
          signal.throwIfAborted();
        }
        follow(optimizer, schedule, step);
        tally.add(trainStep(model, optimizer, batch, { ...how, step }));
        await batch.images.device.pace();
        step++;
        const done = step - (epoch - 1) * perEpoch, due = step % positionEvery === 0;
        if (tally.waiting < readEvery && done < perEpoch && !due) continue;
        await tally.settle();
        checkFinite(tally.loss, step);
        onProgress?.({
          label: `epoch ${epoch} of ${epochs}`,
          done: step,
          total: perEpoch * epochs,
          figures: { loss: tally.loss / tally.steps, accuracy: tally.correct / tally.seen },
        });
        if (due && done < perEpoch) await tell();
      }
      const { loss, correct, seen, steps } = tally;
      history.push({ epoch, loss: loss / steps, accuracy: correct / seen });
      shuffled = random.step;
      await tell();
    }
  } finally {
    tally.drop();
    captures?.dispose();
    restore();
  }
  return history;
}
