/**
 * `tapegrad profile`: what one step of a model asks of a device, and what its kernels would
 * do on GPUs.
 *
 * @module
 */
import {
  type DeviceChoice,
  GPUS,
  kernelReport,
  openDevice,
  profile as profileStep,
} from "../backend/mod.ts";
import { formatTable } from "../report/mod.ts";
import { countsTable, gpuTable, kernelTable, predictionTable } from "./profile_tables.ts";
import { batchOf, modelNamed, stepNamed, stepOf } from "./steps.ts";
import type { Terminal } from "./terminal.ts";

/** Help and options of the command. */
export const PROFILE_HELP = {
  summary: "count what one step asks of a device, and report on its kernels",
  options: {
    help: { type: "boolean", short: "h" },
    step: { type: "string" },
    model: { type: "string" },
    device: { type: "string" },
    batch: { type: "string" },
    json: { type: "boolean" },
  },
  text: `Usage: tapegrad profile [options]

Runs one step of a model on random images, as fit and evaluate run it from the third batch on,
and prints what it asked of the device, and for each of its kernel calls what the shaders tell of
their speed. Times on named GPUs are predicted; no GPU is needed.

Options:
  --step NAME    train (default; gradient descent), fgsm, or pgd (one iteration)
  --model NAME   smallCnn (default), vgg, resnet8, resnet20, resnet18, inception, densenet
  --device NAME  auto (default), webgpu, cpu or reference
  --batch N      images in a batch. Default 64
  --json         all figures as JSON
  -h, --help     this text`,
} as const;

/** Values of the command's options. */
export interface ProfileCommandOptions {
  readonly step?: string | undefined;
  readonly model?: string | undefined;
  readonly device?: string | undefined;
  readonly batch?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Profiles a step and prints the figures. */
export async function profile(
  options: ProfileCommandOptions,
  { out, signal }: { readonly out: Terminal; readonly signal: AbortSignal },
): Promise<void> {
  const name = stepNamed("profile", options.step ?? "train");
  const model = modelNamed("profile", options.model ?? "smallCnn");
  const batch = batchOf(options.batch ?? "64");
  const device = await openDevice((options.device ?? "auto") as DeviceChoice);
  try {
    if (!options.json) out.line(`device  ${device.backend}: ${device.description}\n`);
    const step = stepOf({ name, model, batch }, device);
    const { calls, ...figures } = await profileStep(device, () => {
      signal.throwIfAborted();
      step.run();
    }, options.json ? {} : { onProgress: out.progress("profile") });
    step.dispose();
    out.end();
    const rows = kernelReport(calls);
    if (options.json) {
      const plain = { step: name, model, batch, ...figures, predictedFor: GPUS, report: rows };
      return out.line(JSON.stringify(plain, null, 2));
    }
    out.line(
      `${formatTable(countsTable(`One step (${name}, ${model}, ${batch} images)`, figures))}\n`,
    );
    out.line(`${formatTable(kernelTable(rows, figures.unseenCalls))}\n`);
    if (figures.gpuTimes !== null) out.line(`${formatTable(gpuTable(figures.gpuTimes))}\n`);
    out.line(formatTable(predictionTable(rows)));
  } finally {
    out.end();
    device.close();
  }
}
