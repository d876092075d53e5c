/**
 * `tapegrad evaluate`: how many images a checkpoint predicts right, clean and attacked.
 *
 * @module
 */
import { fgm, fgsm, pgd, type SettledAttack } from "../attacks/mod.ts";
import { type DeviceChoice, openDevice } from "../backend/mod.ts";
import { loadModel, type ModelName, models, readSafetensors } from "../nn/mod.ts";
import { RandomStream } from "../random.ts";
import { formatTable, wilson } from "../report/mod.ts";
import { evaluate, type Evaluation } from "../train/mod.ts";
import { readCheckpoint } from "./files.ts";
import type { Terminal } from "./terminal.ts";
import { dataOf, first } from "./train/data.ts";
import { DATA, type DataName, oneOf } from "./train/settings.ts";

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
    json: { type: "boolean" },
  },
  text: `Usage: tapegrad evaluate --checkpoint FILE [options]

Loads a model in PyTorch's names and layouts and counts how many test images it predicts right, with
the 95 % interval of Wilson. What train wrote tells of its model and data by itself.

Options:
  --checkpoint FILE  a safetensors file
  --model NAME       smallCnn, vgg, resnet8, resnet20, resnet18, inception, densenet
  --data NAME        digits, mnist, fashion-mnist or cifar10
  --data-path PATH   folder or archive of its files. Default: the cache, else a download
  --no-verify        take files whose checksums are not the official ones
  --examples N       the first N test images. Default all
  --attacks LIST     name:eps, separated by commas: fgsm, fgm (Euclidean), pgd (20 steps).
                     Default fgsm:0.01,fgsm:0.02,fgm:0.5,fgm:1 and pgd:8/255, for grey pgd:0.1; or none
  --device NAME      auto (default), webgpu, cpu or reference
  --json             all figures as JSON
  -h, --help         this text`,
} as const;

/** Values of the command's options. */
export type EvaluateTexts = Readonly<Partial<Record<string, string | boolean>>>;

const MAKERS: Readonly<Record<string, (eps: number) => SettledAttack>> = {
  fgsm: (eps) => fgsm.with({ eps }),
  fgm: (eps) => fgm.with({ eps }),
  pgd: (eps) => pgd.with({ eps, steps: 20, stepSize: eps / 8, seed: 1 }),
};

/** A number, or one divided by another: "8/255". */
function numberOf(text: string): number {
  const parts = text.split("/").map((part) => part.trim() === "" ? NaN : Number(part));
  return parts.length <= 2 ? parts.reduce((a, b) => a / b) : NaN;
}

/** The attacks that a list names. Throws RangeError for what it does not know. */
export function attacksOf(list: string): readonly SettledAttack[] {
  if (list === "none") return [];
  return list.split(",").map((item) => {
    const [name = "", eps = ""] = item.split(":"), make = MAKERS[name.trim()], size = numberOf(eps);
    if (make !== undefined && size >= 0 && Number.isFinite(size)) return make(size);
    throw new RangeError(
      `Cannot evaluate with the attack ${item}: it must be one of ${
        Object.keys(MAKERS).join(", ")
      } with its eps, such as fgsm:0.01 or pgd:8/255`,
    );
  });
}

/** One row of the result. */
export interface EvaluateRow {
  readonly title: string;
  readonly count: number;
  readonly correct: number;
  readonly accuracy: number;
  /** Ends of the 95 % interval. */
  readonly interval: readonly [low: number, high: number];
  readonly loss: number;
}

function rowOf({ title, count, correct, accuracy, loss }: Evaluation): EvaluateRow {
  const { low, high } = wilson(correct, count);
  return { title, count, correct, accuracy, interval: [low, high], loss };
}

/** Runs the command. */
export async function evaluateCommand(
  texts: EvaluateTexts,
  { out, signal }: { readonly out: Terminal; readonly signal: AbortSignal },
): Promise<void> {
  const text = (name: string): string | undefined => texts[name] as string | undefined;
  const file = text("checkpoint");
  if (file === undefined) {
    throw new RangeError("Cannot evaluate without a checkpoint: give --checkpoint FILE");
  }
  const bytes = await readCheckpoint(file), notes = readSafetensors(bytes).metadata;
  const known = (name: "model" | "data"): string => {
    const found = text(name) ?? notes[name];
    if (found !== undefined) return found;
    throw new RangeError(`Cannot evaluate ${file}: it does not tell its ${name}, give --${name}`);
  };
  const model = oneOf("model", known("model"), Object.keys(models) as ModelName[]);
  const data: DataName = oneOf("data", known("data"), DATA), path = text("data-path");
  const usual = `fgsm:0.01,fgsm:0.02,fgm:0.5,fgm:1,pgd:${data === "cifar10" ? "8/255" : "0.1"}`;
  const attacks = attacksOf(text("attacks") ?? usual), count = Number(text("examples") ?? Infinity);
  if (!(count >= 1)) {
    throw new RangeError(`Cannot evaluate on ${text("examples")} images: it must be a number >= 1`);
  }
  const { test: all } = await dataOf(data, {
    signal,
    ...path === undefined ? {} : { path },
    ...texts["no-verify"] ? { verify: false } : {},
  });
  const test = first(all, count), [, , channels] = test.imageShape;
  const device = await openDevice((text("device") ?? "auto") as DeviceChoice);
  try {
    if (!texts["json"]) out.line(`device  ${device.backend}: ${device.description}`);
    const random = new RandomStream(0), classes = test.classes.length;
    const network = models[model].create({ random, channels, classes, device });
    loadModel(network, bytes);
    const onProgress = texts["json"] ? undefined : out.progress("evaluate");
    const options = { attacks, signal, ...onProgress === undefined ? {} : { onProgress } };
    const rows = (await evaluate(network.eval(), test, options)).map(rowOf);
    network.dispose();
    out.end();
    if (texts["json"]) {
      return out.line(JSON.stringify({ checkpoint: file, model, data, rows }, null, 2));
    }
    out.line(`\n${
      formatTable({
        caption: `${model} on ${test.name}`,
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
      })
    }`);
  } finally {
    out.end();
    device.close();
  }
}
