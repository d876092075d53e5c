/**
 * A model as the bytes of a safetensors file with PyTorch's names and layouts, and back.
 *
 * @module
 */
import { CheckpointError } from "../../errors.ts";
import { tidy } from "../../scope.ts";
import { formatShape, sameShape } from "../../shape.ts";
import { tensor } from "../../tensor/mod.ts";
import type { Module } from "../module.ts";
import { type FlattenedChannels, layoutOf, rearranged, restored } from "./layout.ts";
import { readSafetensors, type WritableTensor, writeSafetensors } from "./safetensors.ts";

/** Settings of `saveModel` and `loadModel`. */
export interface CheckpointOptions {
  /**
   * Channels of the image that a linear layer gets flattened, by the name of that layer. Found by
   * itself where a convolution, Flatten and Linear follow each other in one Sequential.
   */
  readonly flattened?: FlattenedChannels;
}

/**
 * The parameters and buffers of a model as a safetensors file that PyTorch's load_state_dict takes:
 * convolutions [out, in, KH, KW], linear weights [out, in], running_mean, running_var,
 * num_batches_tracked (0: nothing here counts), 32-bit floats. `metadata` are strings for people.
 *
 * @example
 * ```ts
 * import { init, loadModel, RandomStream, saveModel, smallCnn } from "tapegrad";
 * await init({ device: "reference" });
 * const bytes = await saveModel(smallCnn({ random: new RandomStream(1) }), { data: "digits" });
 * loadModel(smallCnn({ random: new RandomStream(2) }), bytes); // { data: "digits" }
 * ```
 */
export async function saveModel(
  model: Module,
  metadata: Readonly<Record<string, string>> = {},
  options: CheckpointOptions = {},
): Promise<Uint8Array> {
  const { places, counters } = layoutOf(model, options.flattened);
  const numbers = await Promise.all([...places.values()].map(({ tensor }) => tensor.data()));
  const tensors = new Map<string, WritableTensor>();
  [...places].forEach(([name, { shape, view, axes }], i) => {
    tensors.set(name, { shape, data: rearranged(numbers[i]!, view, axes) });
  });
  for (const name of counters) tensors.set(name, { shape: [], data: BigInt64Array.of(0n) });
  return writeSafetensors(tensors, metadata);
}

/**
 * Takes over the tensors of a safetensors file, and returns its metadata. All or nothing: names,
 * types and shapes are checked before the model changes. F16, BF16 and F64 become the model's type.
 *
 * @throws CheckpointError when the file is malformed or is not of this model.
 */
export function loadModel(
  model: Module,
  bytes: Uint8Array,
  options: CheckpointOptions = {},
): Readonly<Record<string, string>> {
  const { metadata, tensors } = readSafetensors(bytes);
  const { places, counters } = layoutOf(model, options.flattened);
  const act = `Cannot load the checkpoint into ${model.constructor.name}`;
  const missing = [...places.keys()].filter((name) => !tensors.has(name));
  const unexpected = [...tensors.keys()].filter((name) => !places.has(name) && !counters.has(name));
  if (missing.length + unexpected.length > 0) {
    throw new CheckpointError(
      `${act}: the file lacks ${listed(missing)} and has ${listed(unexpected)} that the model ` +
        "does not know, names must be the same",
    );
  }
  const stored = [...places].map(([name, place]) => {
    const { shape, dtype, data } = tensors.get(name)!;
    if (!sameShape(shape, place.shape)) {
      throw new CheckpointError(
        `${act}: ${name} has shape ${formatShape(shape)} in the file, ` +
          `but ${formatShape(place.shape)} is needed`,
      );
    }
    if (!(data instanceof Float32Array || data instanceof Float64Array)) {
      throw new CheckpointError(`${act}: ${name} has type ${dtype}, it must be a type of floats`);
    }
    return { place, data };
  });
  tidy(() => {
    const entries = stored.map(({ place, data }) => {
      const { shape, dtype, device } = place.tensor;
      return [place.own, tensor(restored(data, place), { shape, dtype, device })] as const;
    });
    model.loadStateDict(Object.fromEntries(entries));
  });
  return metadata;
}

/** The first names of a list, for messages. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 4).map((name) => JSON.stringify(name)).join(", ");
  return names.length === 0 ? "nothing" : names.length > 4 ? `${shown}, ...` : shown;
}
