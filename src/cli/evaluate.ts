/**
 * `tapegrad evaluate`: how many images a checkpoint predicts right, clean and attacked.
 *
 * @module
 */
import { fgm, fgsm, pgd, type SettledAttack } from "../attacks/mod.ts";
import { type DeviceChoice, openDevice } from "../backend/mod.ts";
import { type ModelName, models, readSafetensors, restoreModel } from "../nn/mod.ts";
import { formatTable, wilson } from "../report/mod.ts";
import { evaluate, type Evaluation } from "../train/mod.ts";
import { addToCard, type EvaluateRow } from "./card.ts";
import { checkClasses, first, loadData } from "./data.ts";
import { readCheckpoint } from "./files.ts";
import { fractionOf } from "./numbers.ts";
import type { Terminal } from "./terminal.ts";
import { DATA, type DataName, isGrey, oneOf } from "./train/settings.ts";

/** Help and options of the command. */
export const EVALUATE_HELP = {
  summary: "accuracy of a checkpoint, on clean images and on attacked ones",
  options: {
    help: { type: "boolean", short: "h" },
    checkpoint: { type: "string" },
    model: { type: "string" },
    data: { type: "string" },
    "data-path": { type: "string" },
    "no-verify": { type: "boolean" },
    examples: { type: "string" },
    attacks: { type: "string" },
    device: { type: "string" },
    note: { type: "string" },
    card: { type: "string" },
    json: { type: "boolean" },
  },
  text: `Usage: tapegrad evaluate --checkpoint FILE [options]

Loads a model in PyTorch's names and layouts and counts how many test images it predicts right, with
the 95 % interval of Wilson. What train wrote tells of its model and data by itself.

Options:
  --checkpoint FILE  a safetensors file, or the name of a network that comes with the package
                     (tapegrad models)
  --model NAME       smallCnn, vgg, resnet8, resnet20, resnet18, inception, densenet
  --data NAME        digits, mnist, fashion-mnist, cifar10, cifar100, or images (a folder of PNG)
  --data-path PATH   folder or archive of its files. Default: the cache, else a download
  --no-verify        take files whose checksums are not the official ones
  --examples N       the first N test images. Default all
  --attacks LIST     name:eps, separated by commas: fgsm, fgm (Euclidean), pgd (20 steps).
                     Default fgsm:0.01,fgsm:0.02,fgm:0.5,fgm:1 and pgd:8/255, for grey images
                     pgd:0.1,pgd:0.3; or none
  --device NAME      auto (default), webgpu, cpu or reference
  --note TEXT        which images these are. Default: the data's test images
  --card FILE        write the figures into the card of the checkpoint, a JSON file
  --json             all figures as JSON
  -h, --help         this text`,
} as const;

/** Values of the command's options. */
export type EvaluateTexts = Readonly<Partial<Record<string, string | boolean>>>;

const COMMON = "fgsm:0.01,fgsm:0.02,fgm:0.5,fgm:1";
const GREY_ATTACKS = `${COMMON},pgd:0.1,pgd:0.3`, COLOUR_ATTACKS = `${COMMON},pgd:8/255`;

const MAKERS: Readonly<Record<string, (eps: number) => SettledAttack>> = {
  fgsm: (eps) => fgsm.with({ eps }),
  fgm: (eps) => fgm.with({ eps }),
  pgd: (eps) => pgd.with({ eps, steps: 20, stepSize: eps / 8, seed: 1 }),
};

/** The attacks that a list names. Throws RangeError for what it does not know. */
export function attacksOf(list: string): readonly SettledAttack[] {
  if (list === "none") return [];
  return list.split(",").map((item) => {
    const [name = "", eps = ""] = item.split(":"),
      make = MAKERS[name.trim()],
      size = fractionOf(eps);
    if (make !== undefined && size >= 0 && Number.isFinite(size)) return make(size);
    throw new RangeError(
      `Cannot evaluate with the attack ${item}: it must be one of ${
        Object.keys(MAKERS).join(", ")
      } with its eps, such as fgsm:0.01 or pgd:8/255`,
    );
  });
}

function rowOf({ title, count, correct, accuracy, loss }: Evaluation): EvaluateRow {
  const { low, high } = wilson(correct, count);
  return { title, count, correct, accuracy, interval: [low, high], loss };
}

function tableOf(caption: string, rows: readonly EvaluateRow[]): string {
  return formatTable({
    caption,
    columns: [
      { head: "images", kind: "text" },
      { head: "right", kind: "count" },
      { head: "of", kind: "count" },
      { head: "accuracy", kind: "percent", digits: 2 },
      { head: "loss", kind: "number" },
    ],
    rows: rows.map(({ title, correct, count, loss }) => {
      return [title, correct, count, wilson(correct, count), loss];
    }),
  });
}

const textOf = (texts: EvaluateTexts, name: string) => texts[name] as string | undefined;

/** What is to be evaluated on which images, as the command and the checkpoint tell. */
interface Task {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly notes: Readonly<Record<string, string>>;
  readonly model: ModelName;
  readonly data: DataName;
  readonly attacks: readonly SettledAttack[];
  /** Images at most. */
  readonly count: number;
}

/** @throws RangeError for what cannot be evaluated. */
async function taskOf(texts: EvaluateTexts): Promise<Task> {
  const file = textOf(texts, "checkpoint");
  if (file === undefined) {
    throw new RangeError("Cannot evaluate without a checkpoint: give --checkpoint FILE");
  }
  const bytes = await readCheckpoint(file), notes = readSafetensors(bytes).metadata;
  const known = (name: "model" | "data"): string => {
    const found = textOf(texts, name) ?? notes[name];
    if (found !== undefined) return found;
    throw new RangeError(`Cannot evaluate ${file}: it does not tell its ${name}, give --${name}`);
  };
  const names = Object.keys(models) as ModelName[];
  const model = oneOf("evaluate with --model", known("model"), names);
  const data: DataName = oneOf("evaluate with --data", known("data"), DATA);
  const usual = isGrey(data) ? GREY_ATTACKS : COLOUR_ATTACKS;
  const attacks = attacksOf(textOf(texts, "attacks") ?? usual);
  const count = Number(textOf(texts, "examples") ?? Infinity);
  if (count >= 1) return { file, bytes, notes, model, data, attacks, count };
  throw new RangeError(
    `Cannot evaluate on ${textOf(texts, "examples")} images: it must be a number >= 1`,
  );
}

/** Runs the command. */
export async function evaluateCommand(
  texts: EvaluateTexts,
  { out, signal }: { readonly out: Terminal; readonly signal: AbortSignal },
): Promise<void> {
  const { file, bytes, notes, model, data, attacks, count } = await taskOf(texts);
  const { test: all } = await loadData(data, texts, { out, signal });
  const test = first(all, count), { imageShape: image, classes } = test;
  checkClasses("evaluate", notes, test);
  const device = await openDevice((textOf(texts, "device") ?? "auto") as DeviceChoice);
  try {
    if (!texts["json"]) out.line(`device  ${device.backend}: ${device.description}`);
    const { network } = restoreModel(bytes, { description: { model, image, classes }, device });
    const onProgress = texts["json"] ? undefined : out.progress("evaluate");
    const options = { attacks, signal, ...onProgress === undefined ? {} : { onProgress } };
    const rows = (await evaluate(network, test, options)).map(rowOf);
    network.dispose();
    out.end();
    const images = textOf(texts, "note") ?? `${test.name}, test images`;
    const card = textOf(texts, "card");
    if (card !== undefined) await addToCard(card, { bytes, notes, evaluation: { images, rows } });
    out.line(
      texts["json"]
        ? JSON.stringify({ checkpoint: file, model, data, images, rows }, null, 2)
        : `\n${tableOf(`${model} on ${images}`, rows)}`,
    );
  } finally {
    out.end();
    device.close();
  }
}
