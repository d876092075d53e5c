/**
 * Steps of a model on random images, as fit and evaluate run them: what is profiled and tuned.
 *
 * @module
 */
import { fgsm, pgd, type SettledAttack } from "../attacks/mod.ts";
import type { Device } from "../backend/mod.ts";
import { type ModelName, models, SGD } from "../nn/mod.ts";
import { RandomStream } from "../random.ts";
import { tidy } from "../scope.ts";
import { Captures, rand, tensor } from "../tensor/mod.ts";
import { trainStep } from "../train/mod.ts";

/** Names of the steps. */
export const STEPS = ["train", "fgsm", "pgd"] as const;

/** A step by name. */
export type StepName = typeof STEPS[number];

/** What a step is made of. */
export interface StepChoice {
  readonly name: StepName;
  readonly model: ModelName;
  /** Images in a batch. */
  readonly batch: number;
}

/** A step with all that it needs. */
export interface HeldStep {
  /** Runs it once; from the third time on from a recording. */
  readonly run: () => void;
  /** Gives back all that was made for it. */
  readonly dispose: () => void;
}

const ATTACKS: Readonly<Record<Exclude<StepName, "train">, SettledAttack>> = {
  fgsm: fgsm.with({ eps: 0.1 }),
  pgd: pgd.with({ eps: 0.1, steps: 1, stepSize: 0.025, randomStart: false }),
};

/** The step of that name. Throws RangeError for `act` where there is none. */
export function stepNamed(act: string, name: string): StepName {
  const found = STEPS.find((step) => step === name);
  if (found !== undefined) return found;
  throw new RangeError(`Cannot ${act} a step ${name}: it must be one of ${STEPS.join(", ")}`);
}

/** The model of that name. Throws RangeError for `act` where there is none. */
export function modelNamed(act: string, name: string): ModelName {
  if (Object.hasOwn(models, name)) return name as ModelName;
  throw new RangeError(
    `Cannot ${act} a model ${name}: it must be one of ${Object.keys(models).join(", ")}`,
  );
}

/** A number of images, read from text. */
export function batchOf(text: string): number {
  const batch = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(batch) && batch > 0) return batch;
  throw new RangeError(`Cannot use batches of ${text} images: it must be a whole number > 0`);
}

/** Makes a step on a device. */
export function stepOf({ name, model: modelName, batch }: StepChoice, device: Device): HeldStep {
  const random = new RandomStream(1), { create, input } = models[modelName];
  const model = create({ random, device });
  const images = rand([batch, ...input], { random, device });
  const classes = Int32Array.from({ length: batch }, (_, i) => i % 10);
  const labels = tensor(classes, { device });
  const ids = tensor(Int32Array.from(classes.keys()), { device });
  const captures = new Captures();
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  const held = [captures, optimizer, model, images, labels, ids];
  const step = name === "train"
    ? () => void trainStep(model, optimizer, { images, labels, ids, size: batch }, { captures })
    : () => void ATTACKS[name].perturb(model, images, labels, { ids, captures });
  return { run: () => tidy(step), dispose: () => held.forEach((it) => it.dispose()) };
}
