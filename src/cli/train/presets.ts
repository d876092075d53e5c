/**
 * What is usual for a model and data: short one-cycle recipes, those of the checkpoints.
 *
 * @module
 */
import type { ModelName } from "../../nn/mod.ts";
import type { DataName, RunSettings } from "./settings.ts";

/** What differs from the rest. */
type Recipe =
  & Pick<RunSettings, "lr" | "crop" | "flip" | "cutout" | "epochs" | "eps">
  & Partial<Pick<RunSettings, "averageDecay" | "labelSmoothing" | "startSize">>;

const GREY: Recipe = { lr: 0.1, crop: 2, flip: false, cutout: 0, epochs: 20, eps: 0.1 };
const COLOUR: Recipe = { lr: 0.2, crop: 4, flip: true, cutout: 8, epochs: 15, eps: 8 / 255 };

/** Clothes look alike in a mirror, digits do not; and clothes fill their image, none is moved. */
const OF_DATA: Readonly<Record<DataName, Recipe>> = {
  digits: { ...GREY, epochs: 40 },
  mnist: { ...GREY, epochs: 15, eps: 0.3 },
  "fashion-mnist": { ...GREY, crop: 0, flip: true, labelSmoothing: 0, epochs: 30 },
  cifar10: COLOUR,
  cifar100: COLOUR,
  images: COLOUR,
};

/** What is small or trained for few epochs learns no image by heart: nothing is cut out. */
const OF_MODEL: Readonly<Partial<Record<ModelName, Partial<Recipe>>>> = {
  vgg: { lr: 0.15, averageDecay: 0.99, epochs: 40, startSize: 16 },
  resnet8: { lr: 0.25, cutout: 0, epochs: 25 },
  resnet20: { lr: 0.25, cutout: 0, labelSmoothing: 0, epochs: 40 },
  inception: { lr: 0.15, crop: 2, cutout: 0, epochs: 9, startSize: 16 },
  densenet: { crop: 2, cutout: 0, labelSmoothing: 0, epochs: 14, startSize: 16 },
};

/** What a network that is trained already needs: fewer epochs, smaller steps, all of the image. */
function shorter({ epochs, lr, ...recipe }: Recipe): Recipe {
  return { ...recipe, epochs: Math.ceil(epochs / 3), lr: lr / 4, startSize: 0 };
}

/** The usual run for a model and data, which begins with a checkpoint or with random weights, "". */
export function presetOf(model: ModelName, data: DataName, from: string = ""): RunSettings {
  const usual = OF_DATA[data], whole = usual === COLOUR ? { ...usual, ...OF_MODEL[model] } : usual;
  const recipe = from === "" ? whole : shorter(whole);
  return {
    model,
    data,
    from,
    examples: null,
    batchSize: 128,
    seed: 1,
    momentum: 0.9,
    weightDecay: 5e-4,
    labelSmoothing: 0.1,
    averageDecay: 0.998,
    startSize: 0,
    attack: "none",
    attackSteps: 7,
    note: "",
    ...recipe,
  };
}
