/**
 * `tapegrad export`: a checkpoint as an ONNX file, for runtimes elsewhere.
 *
 * @module
 */
import { openDevice } from "../backend/mod.ts";
import {
  exportOnnx,
  type ModelDescription,
  type ModelName,
  readSafetensors,
  restoreModel,
  type SafetensorsFile,
} from "../nn/mod.ts";
import { readCheckpoint, writeWhole } from "./files.ts";
import type { Terminal } from "./terminal.ts";
import { DATA, type DataName, isGrey } from "./train/settings.ts";

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
  --checkpoint FILE  a safetensors file, or the name of a network that comes with the package
  --out FILE         where to write
  --model NAME       smallCnn, vgg, resnet8, resnet20, resnet18, inception, densenet
  --data NAME        the size of the images: digits, mnist and fashion-mnist are 28x28x1, cifar10 and
                     cifar100 32x32x3
  --json             what was written as JSON
  -h, --help         this text`,
} as const;

/** Values of the command's options. */
export type ExportTexts = Readonly<Partial<Record<string, string | boolean>>>;

/** Sizes of images. */
const GREY = [28, 28, 1] as const, COLOUR = [32, 32, 3] as const;

/** What was written. */
export interface ExportResult {
  readonly checkpoint: string;
  readonly out: string;
  readonly model: ModelName;
  /** One image, [channels, height, width]. */
  readonly input: readonly number[];
  readonly classes: readonly string[];
  readonly bytes: number;
}

/** What the command line says of a checkpoint that does not describe itself. */
function given(
  texts: ExportTexts,
  { metadata, tensors }: SafetensorsFile,
): Partial<ModelDescription> {
  const model = texts["model"] as ModelName | undefined, data = texts["data"];
  if (data !== undefined && !DATA.includes(data as DataName)) {
    throw new RangeError(
      `Cannot export with --data ${data}: it must be one of ${DATA.join(", ")}`,
    );
  }
  const image = data === undefined ? undefined : isGrey(data as DataName) ? GREY : COLOUR;
  const classes = metadata["classes"] === undefined ? classesOf(tensors) : undefined;
  return { ...model && { model }, ...image && { image }, ...classes && { classes } };
}

/** Numbers for the classes of the last linear layer, whose names nobody knows. */
function classesOf(tensors: SafetensorsFile["tensors"]): string[] | undefined {
  const last = [...tensors].filter(([name, { shape }]) => {
    return name.endsWith("weight") && shape.length === 2;
  }).at(-1);
  return last && Array.from({ length: last[1].shape[0]! }, (_, i) => String(i));
}

/** Runs the command. */
export async function exportCommand(texts: ExportTexts, out: Terminal): Promise<void> {
  const file = texts["checkpoint"] as string | undefined;
  const target = texts["out"] as string | undefined;
  if (file === undefined || target === undefined) {
    throw new RangeError(
      "Cannot export without a checkpoint and a place: give --checkpoint FILE and --out FILE.onnx",
    );
  }
  const bytes = await readCheckpoint(file), description = given(texts, readSafetensors(bytes));
  const device = await openDevice("cpu");
  try {
    const { network, model, image, classes, metadata } = restoreModel(bytes, {
      description,
      device,
    });
    const [height, width, channels] = image, input = [channels, height, width];
    const described = { model, classes: JSON.stringify(classes) };
    const onnx = await exportOnnx(network, {
      inputShape: image,
      metadata: { ...metadata, ...described },
    });
    network.dispose();
    await writeWhole(target, onnx);
    const made = { checkpoint: file, out: target, model, input, classes, bytes: onnx.length };
    out.line(
      texts["json"]
        ? JSON.stringify(made satisfies ExportResult, null, 2)
        : `${model} is in ${target}: image [N, ${input.join(", ")}] to logits ` +
          `[N, ${classes.length}], ${onnx.length} bytes`,
    );
  } finally {
    device.close();
  }
}
