/**
 * Where a training is: what it must know, beside parameters and the optimiser's state, to go on.
 *
 * @module
 */
import type { Module } from "../nn/mod.ts";
import { RandomStream } from "../random.ts";
import type { Sums } from "./tally.ts";

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
 * A place between two steps. With the parameters, the buffers and the state of the optimiser that
 * belong to it, a training goes on as if there had been no break, bit for bit.
 */
export interface FitPosition {
  /** Steps so far, over all epochs. */
  readonly step: number;
  /** Figures of the epochs that are over. */
  readonly history: readonly EpochFigures[];
  /** Of the epoch that is under way. */
  readonly sums: Sums;
  /** Draws of the random stream before it shuffled for this epoch. */
  readonly before: number;
  /** Its draws now. Default: those of the shuffling have just been made. */
  readonly now?: number;
  /** Draws of the streams in layers, by name. */
  readonly layers: Readonly<Record<string, number>>;
}

/** Streams in the fields of modules, by name: those of dropout. */
export function streamsOf(model: Module): ReadonlyMap<string, RandomStream> {
  const found = new Map<string, RandomStream>();
  for (const [name, module] of model.modules()) {
    for (const [field, value] of Object.entries(module)) {
      if (value instanceof RandomStream) found.set(`${name}.${field}`, value);
    }
  }
  return found;
}

/** Draws of the streams in layers. */
export function drawsOf(model: Module): FitPosition["layers"] {
  return Object.fromEntries([...streamsOf(model)].map(([name, { step }]) => [name, step]));
}
