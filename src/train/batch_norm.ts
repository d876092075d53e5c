/**
 * The running statistics of batch normalization, computed anew for parameters that no step has seen:
 * averages of parameters, or loaded ones.
 *
 * @module
 */
import { noGrad } from "../autograd/mod.ts";
import { type Augmentation, batches, type Dataset } from "../data/mod.ts";
import { BatchNorm2d, type Module, rememberModes } from "../nn/mod.ts";
import type { RandomStream } from "../random.ts";
import { tidy } from "../scope.ts";
import type { OnProgress } from "./progress.ts";

/** How to compute them. */
export interface UpdateBatchNormOptions {
  /** Examples per batch. Default 128. */
  readonly batchSize?: number;
  /** Batches to use at most. Default: all of the data. */
  readonly batches?: number;
  /** Shuffles the data, so that few batches stand for all. Default: their own order. */
  readonly random?: RandomStream;
  /** Change the images at random, as in training. Default: as they are. */
  readonly augment?: Augmentation;
  /** Receives progress after every batch. */
  readonly onProgress?: OnProgress;
  /** Stops between two batches; the statistics are then those of the batches so far. */
  readonly signal?: AbortSignal;
}

/**
 * Sets every `BatchNorm2d` to the mean of the statistics of all batches, as PyTorch's `update_bn`
 * (Izmailov et al., "Averaging weights leads to wider optima", UAI 2018, section 3.2). Modes and
 * momentum are left as they were; parameters are not touched.
 *
 * @example
 * ```ts
 * import { updateBatchNorm } from "tapegrad";
 * import type { Dataset, Module, Optimizer } from "tapegrad";
 * async function useAverages(model: Module, optimizer: Optimizer, data: Dataset) {
 *   model.loadStateDict({ ...model.stateDict(), ...optimizer.averages() });
 *   await updateBatchNorm(model, data);
 * }
 * ```
 * @throws the signal's reason when it is aborted.
 */
export async function updateBatchNorm(
  model: Module,
  data: Dataset,
  options: UpdateBatchNormOptions = {},
): Promise<void> {
  const layers = [...model.modules()].flatMap(([, it]) => it instanceof BatchNorm2d ? [it] : []);
  if (layers.length === 0 || data.labels.length === 0) return;
  const { batchSize = 128, random, augment, onProgress, signal } = options;
  const device = layers[0]!.weight.device;
  const total = Math.min(options.batches ?? Infinity, Math.ceil(data.labels.length / batchSize));
  const momenta = layers.map(({ momentum }) => momentum);
  const restore = rememberModes(model);
  const cut = { batchSize, device, ...random && { random }, ...augment && { augment } };
  model.train();
  try {
    let done = 0;
    for (const { images } of batches(data, cut)) {
      signal?.throwIfAborted();
      // The first batch replaces what was; the k-th moves the mean by 1 / k.
      for (const layer of layers) layer.momentum = 1 / (done + 1);
      tidy(() => void noGrad(() => model.forward(images)));
      await device.pace();
      done++;
      onProgress?.({ label: "batch norm", done, total, figures: {} });
      if (done === total) break;
    }
    await device.sync();
  } finally {
    layers.forEach((layer, i) => layer.momentum = momenta[i]!);
    restore();
  }
}
