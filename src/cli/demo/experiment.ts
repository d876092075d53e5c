/**
 * The experiment of the main job, without files and without words: trains three networks on the
 * same digits (clean, with random noise, with sign steps), and attacks each in the same ways.
 *
 * @module
 */
import { bim, fgm, fgsm, noise, pgd, predict, type SettledAttack } from "../../attacks/mod.ts";
import type { Device } from "../../backend/mod.ts";
import { batchOf, type Dataset, disposeBatch, split, subset } from "../../data/mod.ts";
import { Adam, oneCycle, type Sequential, smallCnn } from "../../nn/mod.ts";
import { RandomStream } from "../../random.ts";
import {
  type AdversarialTraining,
  type EpochFigures,
  evaluate,
  type Evaluation,
  fit,
  type OnProgress,
} from "../../train/mod.ts";
import type { DemoSettings } from "./settings.ts";

/** How a network of the experiment is trained. */
export interface Recipe {
  readonly name: string;
  readonly adversarial?: AdversarialTraining;
}

/** One image before and after an attack. */
export interface Shown {
  /** Short name: "sign". */
  readonly name: string;
  /** Title of the attack. */
  readonly attack: string;
  readonly label: number;
  readonly target: number | undefined;
  readonly original: Float32Array;
  readonly adversarial: Float32Array;
  readonly before: { readonly label: number; readonly certainty: number };
  readonly after: { readonly label: number; readonly certainty: number };
}

/** What became of one network. */
export interface NetworkResult {
  readonly recipe: Recipe;
  readonly history: readonly EpochFigures[];
  readonly seconds: number;
  /** On all test digits, clean. */
  readonly clean: Evaluation;
  /** On the attacked test digits: clean first, then every attack of `suite`. */
  readonly rows: readonly Evaluation[];
  readonly shown: readonly Shown[];
}

/** All that the main job found. */
export interface Experiment {
  readonly settings: DemoSettings;
  readonly networks: readonly NetworkResult[];
  readonly imageShape: Dataset["imageShape"];
  readonly classes: readonly string[];
  /** Backend and description. */
  readonly device: string;
  /** ISO 8601. */
  readonly date: string;
  readonly seconds: number;
}

/** The attacks of the experiment, by what they are compared for. */
export interface Suite {
  /** Sign steps of growing budget. */
  readonly sign: readonly SettledAttack[];
  /** Steps along the normalised gradient, of the same Euclidean length as the sign steps. */
  readonly normalised: readonly SettledAttack[];
  /** Random signs of the same budget. */
  readonly randomSign: readonly SettledAttack[];
  /** Random directions of the same Euclidean length. */
  readonly randomDirection: readonly SettledAttack[];
  /** Several steps, in both norms, and towards a class. */
  readonly iterated: readonly SettledAttack[];
}

/** All attacks on images with `pixels` numbers each. */
export function suiteOf(settings: DemoSettings, pixels: number): Suite {
  const { eps, steps, target, trainEps, seed } = settings;
  const length = Math.sqrt(pixels);
  const l2 = trainEps * length;
  return {
    sign: eps.map((radius) => fgsm.with({ eps: radius })),
    normalised: eps.map((radius) => fgm.with({ eps: radius * length })),
    randomSign: eps.map((radius) => noise.with({ eps: radius, kind: "sign", seed })),
    randomDirection: eps.map((radius) => {
      return noise.with({ eps: radius * length, kind: "direction", seed });
    }),
    iterated: [
      bim.with({ eps: trainEps, steps }),
      pgd.with({ eps: trainEps, steps, seed }),
      pgd.with({ eps: l2, norm: "l2", steps, seed }),
      fgsm.with({ eps: trainEps, target }),
      pgd.with({ eps: trainEps, steps, seed, target }),
    ],
  };
}

/** How the three networks are trained. */
export function recipesOf({ trainEps, seed }: DemoSettings): Recipe[] {
  const attack = fgsm.with({ eps: trainEps });
  const random = noise.with({ eps: trainEps, kind: "sign", seed });
  return [
    { name: "natural" },
    { name: "noise", adversarial: { attack: random, mix: "average" } },
    { name: "adversarial", adversarial: { attack, mix: "average" } },
  ];
}

/** What the experiment needs beside its settings. */
export interface Lab {
  readonly device: Device;
  readonly signal: AbortSignal;
  /** Gives the receiver of progress for a piece of work. */
  readonly progress: (what: string) => OnProgress;
}

/** The digits of the experiment. */
export interface Parts {
  readonly train: Dataset;
  readonly test: Dataset;
  /** The test digits that are attacked. */
  readonly attacked: Dataset;
}

/** Splits the digits, by the seed alone. */
export function partsOf(data: Dataset, settings: DemoSettings): Parts {
  const { trainSize, testSize, attackSize, seed } = settings;
  const random = new RandomStream(seed).fork("split");
  const [train, test] = split(data, [trainSize, testSize], random);
  const first = Array.from({ length: attackSize }, (_, i) => i);
  return { train: train!, test: test!, attacked: subset(test!, first) };
}

async function trainNetwork(
  recipe: Recipe,
  { train }: Parts,
  settings: DemoSettings,
  { device, progress, signal }: Lab,
): Promise<{ readonly model: Sequential; readonly history: EpochFigures[] }> {
  const { seed, epochs, batchSize, lr } = settings;
  // The same start and the same order of digits for every network.
  const model = smallCnn({ random: new RandomStream(seed).fork("weights"), device });
  const optimizer = new Adam(model.parameters(), { lr });
  const steps = Math.ceil(train.labels.length / batchSize) * epochs;
  try {
    const history = await fit(model, train, {
      optimizer,
      epochs,
      batchSize,
      random: new RandomStream(seed).fork("order"),
      schedule: oneCycle({ maxLr: lr, totalSteps: steps, cycleMomentum: false }),
      onProgress: progress(`train ${recipe.name}`),
      signal,
      ...(recipe.adversarial === undefined ? {} : { adversarial: recipe.adversarial }),
    });
    return { model, history };
  } catch (error) {
    model.dispose();
    throw error;
  } finally {
    optimizer.dispose();
  }
}

/** The first digit of every class that the network gets right, or else the first. */
async function placesToShow(model: Sequential, data: Dataset, device: Device): Promise<number[]> {
  const all = Array.from({ length: data.labels.length }, (_, i) => i);
  const batch = batchOf(data, all, device);
  const { classes } = await predict(model, batch.images, data.labels);
  disposeBatch(batch);
  return data.classes.flatMap((_, digit) => {
    const right = all.find((i) => data.labels[i] === digit && classes[i] === digit);
    const place = right ?? data.labels.indexOf(digit);
    return place < 0 ? [] : [place];
  });
}

/** Digits of every class before and after an attack. */
async function show(
  model: Sequential,
  data: Dataset,
  [name, attack]: readonly [string, SettledAttack],
  device: Device,
): Promise<Shown[]> {
  const places = await placesToShow(model, data, device);
  const batch = batchOf(data, places, device);
  try {
    const result = await attack.run(model, batch.images, batch.labels, { ids: batch.ids });
    const [original, adversarial] = await Promise.all([batch.images.data(), result.images.data()]);
    result.images.dispose();
    const size = original.length / places.length;
    const pixels = (all: typeof original, i: number) =>
      Float32Array.from(all.subarray(i * size, (i + 1) * size));
    const verdict = ({ classes, certainty }: typeof result.before, i: number) => ({
      label: classes[i]!,
      certainty: certainty[i]!,
    });
    return places.map((_, i) => ({
      name,
      attack: attack.title,
      label: result.labels[i]!,
      target: result.targets?.[i],
      original: pixels(original, i),
      adversarial: pixels(adversarial, i),
      before: verdict(result.before, i),
      after: verdict(result.after, i),
    }));
  } finally {
    disposeBatch(batch);
  }
}

/** The attacks that are shown in pictures, by a short name. */
function shownAttacks(suite: Suite, { eps, trainEps }: DemoSettings): [string, SettledAttack][] {
  const at = eps.indexOf(trainEps);
  return [
    ["sign", suite.sign[at]!],
    ["normalised", suite.normalised[at]!],
    ["target", suite.iterated.at(-1)!],
  ];
}

/** Trains and attacks one network. */
export async function runNetwork(
  recipe: Recipe,
  parts: Parts,
  settings: DemoSettings,
  lab: Lab,
): Promise<NetworkResult> {
  const start = performance.now();
  const { model, history } = await trainNetwork(recipe, parts, settings, lab);
  const seconds = (performance.now() - start) / 1000;
  try {
    const [height, width, channels] = parts.test.imageShape;
    const suite = suiteOf(settings, height * width * channels);
    const attacks = Object.values(suite).flat() as SettledAttack[];
    const { signal, progress, device } = lab;
    const onProgress = progress(`attack ${recipe.name}`);
    const [clean] = await evaluate(model, parts.test, { signal });
    const rows = await evaluate(model, parts.attacked, { attacks, signal, onProgress });
    const shown: Shown[] = [];
    for (const attack of shownAttacks(suite, settings)) {
      shown.push(...await show(model, parts.attacked, attack, device));
    }
    return { recipe, history, seconds, clean: clean!, rows, shown };
  } finally {
    model.dispose();
  }
}
