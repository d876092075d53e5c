/**
 * What a training run does: settings from the command line, from presets, and from a run that was
 * stopped.
 *
 * @module
 */
import { type ModelName, models } from "../../nn/mod.ts";
import { fractionOf } from "../numbers.ts";
import { presetOf } from "./presets.ts";

/** Names of the data. */
export const DATA = ["digits", "mnist", "fashion-mnist", "cifar10", "cifar100", "images"] as const;

/** Data by name. */
export type DataName = typeof DATA[number];

/** Whether images have one channel, as far as the name tells. */
export function isGrey(data: DataName): boolean {
  return data === "digits" || data === "mnist" || data === "fashion-mnist";
}

/** Attacks to train with. */
export const ATTACKS = ["none", "noise", "fgsm", "pgd"] as const;

/** A run. Everything in it decides the result; where it lies and what it prints does not. */
export interface RunSettings {
  readonly model: ModelName;
  readonly data: DataName;
  /** The checkpoint that it begins with, as it was given, or "": random weights. */
  readonly from: string;
  /** Examples to train on, the first of the training part; null: all. */
  readonly examples: number | null;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  /** Highest learning rate of the one-cycle schedule. */
  readonly lr: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly labelSmoothing: number;
  /** Decay of the averages of the parameters, which the model has in the end; 0: the last ones. */
  readonly averageDecay: number;
  /** Random crops, by this many pixels of padding. */
  readonly crop: number;
  readonly flip: boolean;
  /** Edge of the squares that are cut out, in pixels. */
  readonly cutout: number;
  /** Edge of the images in the first epochs, in pixels; 0: their own from the beginning. */
  readonly startSize: number;
  readonly attack: typeof ATTACKS[number];
  /** Steps of pgd. */
  readonly attackSteps: number;
  /** Radius of the attack, as a share of the range of pixels. */
  readonly eps: number;
  /** What people should know of the data, or "": it goes into the checkpoint. */
  readonly note: string;
}

/** Options that a run which goes on may be given: all others are those that it began with. */
const FREE: readonly string[] = [
  "resume",
  "out",
  "device",
  "threads",
  "data-path",
  "no-verify",
  "save-every",
  "json",
];

/** Throws where a run that goes on is given settings of its own. */
export function checkResume(texts: SettingTexts): void {
  const given = Object.keys(texts).filter((name) => !FREE.includes(name));
  if (given.length === 0) return;
  throw new RangeError(
    `Cannot resume with --${given.join(", --")}: a run goes on with the settings that it began ` +
      "with, leave them out",
  );
}

/** The text options of the command that stand for settings. */
export type SettingTexts = Readonly<Partial<Record<string, string | boolean>>>;

const NUMBERS = {
  examples: [1, Infinity, true],
  epochs: [1, 100_000, true],
  "batch-size": [1, 1e6, true],
  seed: [0, Number.MAX_SAFE_INTEGER, true],
  lr: [0, 1e6, false],
  momentum: [0, 0.999999, false],
  "weight-decay": [0, 1e6, false],
  "label-smoothing": [0, 0.999999, false],
  "average-decay": [0, 0.999999, false],
  crop: [0, 1000, true],
  cutout: [0, 1000, true],
  "start-size": [0, 1000, true],
  "attack-steps": [1, 1000, true],
  eps: [0, 1, false],
} as const;

function numberOf(name: keyof typeof NUMBERS, text: string): number {
  const [low, high, whole] = NUMBERS[name], value = fractionOf(text);
  const fits = value >= low && value <= high;
  if (fits && (!whole || Number.isSafeInteger(value))) return value;
  const most = high === Infinity ? "" : ` to ${high}`;
  throw new RangeError(
    `Cannot train with --${name} ${text}: it must be a ${
      whole ? "whole " : ""
    }number from ${low}${most}`,
  );
}

/** One of several names; `option` is what an error says: "train with --model". */
export function oneOf<T extends string>(option: string, name: string, names: readonly T[]): T {
  const found = names.find((it) => it === name);
  if (found !== undefined) return found;
  throw new RangeError(`Cannot ${option} ${name}: it must be one of ${names.join(", ")}`);
}

/**
 * Settings from what was written on the command line, and the usual ones where nothing was. What a
 * run begins with may tell of its model and data in `notes`.
 */
export function settingsOf(
  texts: SettingTexts,
  notes: Readonly<Record<string, string>> = {},
): RunSettings {
  const text = (name: string): string | undefined => texts[name] as string | undefined;
  const names = Object.keys(models) as ModelName[];
  const known = (name: "model" | "data"): string | undefined => text(name) ?? notes[name];
  const model = oneOf("train with --model", known("model") ?? "smallCnn", names);
  const data = oneOf("train with --data", known("data") ?? "digits", DATA);
  const usual = presetOf(model, data, text("from"));
  const number = (name: keyof typeof NUMBERS, otherwise: number): number => {
    const given = text(name);
    return given === undefined ? otherwise : numberOf(name, given);
  };
  const examples = text("examples");
  return {
    ...usual,
    examples: examples === undefined ? null : numberOf("examples", examples),
    epochs: number("epochs", usual.epochs),
    batchSize: number("batch-size", usual.batchSize),
    seed: number("seed", usual.seed),
    lr: number("lr", usual.lr),
    momentum: number("momentum", usual.momentum),
    weightDecay: number("weight-decay", usual.weightDecay),
    labelSmoothing: number("label-smoothing", usual.labelSmoothing),
    averageDecay: number("average-decay", usual.averageDecay),
    crop: number("crop", usual.crop),
    cutout: number("cutout", usual.cutout),
    startSize: number("start-size", usual.startSize),
    flip: texts["flip"] === true || (usual.flip && texts["no-flip"] !== true),
    attack: oneOf("train with --attack", text("attack") ?? "none", ATTACKS),
    attackSteps: number("attack-steps", usual.attackSteps),
    eps: number("eps", usual.eps),
    note: text("note") ?? "",
  };
}
