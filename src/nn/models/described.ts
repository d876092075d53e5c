/**
 * Checkpoints that say themselves what they are: the name of the model, the images that it takes and
 * the classes that it knows, as strings beside the tensors.
 *
 * @module
 */
import type { Device } from "../../backend/mod.ts";
import { CheckpointError } from "../../errors.ts";
import { RandomStream } from "../../random.ts";
import { loadModel, saveModel } from "../checkpoint/model.ts";
import { readSafetensors } from "../checkpoint/safetensors.ts";
import type { Module } from "../module.ts";
import { type ModelName, models } from "./models.ts";

/** What a checkpoint says of its model. */
export interface ModelDescription {
  /** Its name in `models`. */
  readonly model: ModelName;
  /** The images that it takes, [H, W, channels], pixels from 0 to 1. */
  readonly image: readonly [height: number, width: number, channels: number];
  /** Names of its classes, logit by logit. */
  readonly classes: readonly string[];
}

/** A model with what its checkpoint says. */
export interface RestoredModel extends ModelDescription {
  /** In evaluation mode. */
  readonly network: Module;
  /** All strings of the checkpoint. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** How to restore one. */
export interface RestoreOptions {
  /** What to believe instead of the checkpoint, for files that do not describe their model. */
  readonly description?: Partial<ModelDescription>;
  /** Default: the device of the last `init()`. */
  readonly device?: Device;
}

/** Far above any model of the library; sizes in a file are not to be believed. */
const MOST_CLASSES = 4096, LARGEST_IMAGE = 4096;

/**
 * The bytes of a checkpoint, see `saveModel`, with a description of the model in it.
 *
 * @example
 * ```ts
 * import { describedModel, init, models, RandomStream, restoreModel } from "tapegrad";
 * await init({ device: "reference" });
 * const description = { model: "resnet8", image: [32, 32, 3], classes: ["cat", "dog"] } as const;
 * const model = models.resnet8.create({ random: new RandomStream(1), classes: 2 });
 * const bytes = await describedModel(model, description, { data: "pets" });
 * restoreModel(bytes).classes; // ["cat", "dog"]
 * ```
 */
export async function describedModel(
  network: Module,
  { model, image, classes }: ModelDescription,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const described = { model, image: JSON.stringify(image), classes: JSON.stringify(classes) };
  return await saveModel(network, { ...metadata, ...described });
}

/**
 * The model of a checkpoint: made by the name that it gives, with its weights.
 *
 * @throws CheckpointError when the file is malformed, does not say what it is, or is not of the
 * model that it names.
 */
export function restoreModel(bytes: Uint8Array, options: RestoreOptions = {}): RestoredModel {
  const { metadata } = readSafetensors(bytes), { device } = options;
  const description = descriptionOf(metadata, options.description);
  const { model, image, classes } = description;
  const settings = { random: new RandomStream(0), channels: image[2], classes: classes.length };
  const network = models[model].create({ ...settings, ...device && { device } }).eval();
  try {
    loadModel(network, bytes);
  } catch (error) {
    network.dispose();
    throw error;
  }
  return { ...description, network, metadata };
}

/** What the strings of a checkpoint say of its model. Throws CheckpointError. */
export function descriptionOf(
  metadata: Readonly<Record<string, string>>,
  known: Partial<ModelDescription> = {},
): ModelDescription {
  const model = known.model ?? metadata["model"], names = Object.keys(models);
  if (model === undefined || !names.includes(model)) {
    const said = model === undefined ? "it does not name its model" : `its model is ${model}`;
    throw new CheckpointError(
      `Cannot restore the checkpoint: ${said}, one of ${names.join(", ")} must be given`,
    );
  }
  const image = known.image ?? parsed(metadata["image"]);
  const sizes = (value: unknown) => {
    return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= LARGEST_IMAGE;
  };
  if (!Array.isArray(image) || image.length !== 3 || !image.every(sizes)) {
    throw new CheckpointError(
      "Cannot restore the checkpoint: it does not tell the size of its images, it must be given " +
        "as [H, W, channels]",
    );
  }
  const classes = known.classes ?? parsed(metadata["classes"]);
  const fits = Array.isArray(classes) && classes.length >= 1 && classes.length <= MOST_CLASSES;
  if (!fits || !classes.every((name) => typeof name === "string")) {
    throw new CheckpointError(
      "Cannot restore the checkpoint: it does not tell its classes, their names must be given",
    );
  }
  const [height, width, channels] = image as number[];
  return { model: model as ModelName, image: [height!, width!, channels!], classes };
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
