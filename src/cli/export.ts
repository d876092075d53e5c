/**
 * `tapegrad export`: a checkpoint as an ONNX file, for runtimes elsewhere.
 *
 * @module
 */
import { openDevice } from "../backend/mod.ts";
import { exportOnnx, loadModel, type ModelName, models, readSafetensors } from "../nn/mod.ts";
import { RandomStream } from "../random.ts";
import { readCheckpoint, writeWhole } from "./files.ts";
import type { Terminal } from "./terminal.ts";
import { DATA, type DataName } from "./train/settings.ts";

/** Help and options of the command. */
export const EXPORT_HELP = {
  summary: "writes a checkpoint as an ONNX file, for runtimes elsewhere",
  options: {
    help: { type: "boolean", short: "h" },
    checkpoint: { type: "string" },
    out: { type: "string" },
    model: { type: "string" },
    data: { type: "string" },
    json: { type: "boolean" },
  },
  text: `Usage: tapegrad export --checkpoint FILE --out FILE.onnx [options]

Loads a model in PyTorch's names and layouts and writes it as ONNX, opset 17: input "image"
[N, channels, height, width] with pixels in [0, 1], output "logits" [N, classes]. What train wrote
tells of its model and data by itself; those notes go into the file.

Options:
  --checkpoint FILE  a safetensors file
  --out FILE         where to write
  --model NAME       smallCnn, vgg, resnet8, resnet20, resnet18, inception, densenet
  --data NAME        digits, mnist, fashion-mnist or cifar10: the size of the images
  --json             what was written as JSON
  -h, --help         this text`,
} as const;

/** Values of the command's options. */
export type ExportTexts = Readonly<Partial<Record<string, string | boolean>>>;

/** What was written. */
export interface ExportResult {
  readonly checkpoint: string;
  readonly out: string;
  readonly model: ModelName;
  readonly data: DataName;
  /** One image, [channels, height, width]. */
  readonly input: readonly number[];
  readonly classes: number;
  readonly bytes: number;
}

/** One image of each data, [height, width, channels]. */
const IMAGES: Readonly<Record<DataName, readonly [number, number, number]>> = {
  digits: [28, 28, 1],
  mnist: [28, 28, 1],
  "fashion-mnist": [28, 28, 1],
  cifar10: [32, 32, 3],
};

/** A name from the command line or, without one, from the notes of the checkpoint. */
function named<T extends string>(
  what: "model" | "data",
  names: readonly T[],
  { given, noted }: { readonly given: string | undefined; readonly noted: string | undefined },
): T {
  const name = given ?? noted, found = names.find((it) => it === name);
  if (found !== undefined) return found;
  throw new RangeError(
    name === undefined
      ? `Cannot export the checkpoint: it does not tell its ${what}, give --${what}`
      : `Cannot export with --${what} ${name}: it must be one of ${names.join(", ")}`,
  );
}

/** Classes of the last linear layer in a checkpoint. */
function classesOf(tensors: ReturnType<typeof readSafetensors>["tensors"]): number {
  const matrices = [...tensors].filter(([name, { shape }]) => {
    return name.endsWith("weight") && shape.length === 2;
  });
  const last = matrices.at(-1);
  if (last !== undefined) return last[1].shape[0]!;
  throw new RangeError(
    "Cannot export the checkpoint: it has no weights of a linear layer, the last layer must be one",
  );
}

/** Runs the command. */
export async function exportCommand(texts: ExportTexts, out: Terminal): Promise<void> {
  const text = (name: string): string | undefined => texts[name] as string | undefined;
  const file = text("checkpoint"), target = text("out");
  if (file === undefined || target === undefined) {
    throw new RangeError(
      "Cannot export without a checkpoint and a place: give --checkpoint FILE and --out FILE.onnx",
    );
  }
  const bytes = await readCheckpoint(file), { metadata, tensors } = readSafetensors(bytes);
  const names = Object.keys(models) as ModelName[];
  const model = named("model", names, { given: text("model"), noted: metadata["model"] });
  const data = named("data", DATA, { given: text("data"), noted: metadata["data"] });
  const inputShape = IMAGES[data], [height, width, channels] = inputShape;
  const classes = classesOf(tensors), device = await openDevice("cpu");
  try {
    const random = new RandomStream(0);
    const network = models[model].create({ random, channels, classes, device });
    loadModel(network, bytes);
    const notes = { ...metadata, model, data };
    const onnx = await exportOnnx(network, { inputShape, metadata: notes });
    network.dispose();
    await writeWhole(target, onnx);
    const input = [channels, height, width];
    const result: ExportResult = {
      checkpoint: file,
      out: target,
      model,
      data,
      input,
      classes,
      bytes: onnx.length,
    };
    out.line(
      texts["json"]
        ? JSON.stringify(result, null, 2)
        : `${model} for ${data} is in ${target}: image [N, ${input.join(", ")}] to logits ` +
          `[N, ${classes}], ${onnx.length} bytes`,
    );
  } finally {
    device.close();
  }
}
