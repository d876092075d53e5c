/**
 * `tapegrad profile`: what one step of the small CNN asks of a device, and what its kernels would
 * do on GPUs.
 *
 * @module
 */
import { fgsm, pgd, type SettledAttack } from "../attacks/mod.ts";
import {
  type Device,
  type DeviceChoice,
  GPUS,
  kernelReport,
  openDevice,
  profile as profileStep,
} from "../backend/mod.ts";
import { SGD, smallCnn } from "../nn/mod.ts";
import { RandomStream } from "../random.ts";
import { formatTable } from "../report/mod.ts";
import { tidy } from "../scope.ts";
import { Captures, rand, tensor } from "../tensor/mod.ts";
import { trainStep } from "../train/mod.ts";
import { countsTable, kernelTable, predictionTable } from "./profile_tables.ts";
import type { Terminal } from "./terminal.ts";

/** Help and options of the command. */
export const PROFILE_HELP = {
  summary: "count what one step asks of a device, and report on its kernels",
  options: {
    help: { type: "boolean", short: "h" },
    step: { type: "string" },
    device: { type: "string" },
    batch: { type: "string" },
    json: { type: "boolean" },
  },
  text: `Usage: tapegrad profile [options]

Runs one step of the small CNN on random images, as fit and evaluate run it from the third batch on,
and prints what it asked of the device, and for each of its kernel calls what the shaders tell of
their speed. Times on named GPUs are predicted; no GPU is needed.

Options:
  --step NAME    train (default; gradient descent), fgsm, or pgd (one iteration)
  --device NAME  auto (default), webgpu, cpu or reference
  --batch N      images in a batch. Default 64
  --json         all figures as JSON
  -h, --help     this text`,
} as const;

/** Values of the command's options. */
export interface ProfileCommandOptions {
  readonly step?: string | undefined;
  readonly device?: string | undefined;
  readonly batch?: string | undefined;
  readonly json?: boolean | undefined;
}

const STEPS = ["train", "fgsm", "pgd"] as const;
type StepName = typeof STEPS[number];

const ATTACKS: Readonly<Record<Exclude<StepName, "train">, SettledAttack>> = {
  fgsm: fgsm.with({ eps: 0.1 }),
  pgd: pgd.with({ eps: 0.1, steps: 1, stepSize: 0.025, randomStart: false }),
};

function stepNamed(name: string): StepName {
  const found = STEPS.find((step) => step === name);
  if (found !== undefined) return found;
  throw new RangeError(`Cannot profile a step ${name}: it must be one of ${STEPS.join(", ")}`);
}

function batchOf(text: string): number {
  const batch = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(batch) && batch > 0) return batch;
  throw new RangeError(`Cannot use batches of ${text} images: it must be a whole number > 0`);
}

/** A step with all that it needs, and how to give that back. */
function stepOf(name: StepName, batch: number, device: Device): [() => void, () => void] {
  const random = new RandomStream(1);
  const model = smallCnn({ random, device });
  const images = rand([batch, 28, 28, 1], { random, device });
  const classes = Int32Array.from({ length: batch }, (_, i) => i % 10);
  const labels = tensor(classes, { device });
  const ids = tensor(Int32Array.from(classes.keys()), { device });
  const captures = new Captures();
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  const held = [captures, optimizer, model, images, labels, ids];
  const step = name === "train"
    ? () => void trainStep(model, optimizer, { images, labels, ids, size: batch }, { captures })
    : () => void ATTACKS[name].perturb(model, images, labels, { ids, captures });
  return [() => tidy(step), () => held.forEach((it) => it.dispose())];
}

/** Profiles a step and prints the figures. */
export async function profile(
  options: ProfileCommandOptions,
  { out, signal }: { readonly out: Terminal; readonly signal: AbortSignal },
): Promise<void> {
  const name = stepNamed(options.step ?? "train"), batch = batchOf(options.batch ?? "64");
  const device = await openDevice((options.device ?? "auto") as DeviceChoice);
  try {
    if (!options.json) out.line(`device  ${device.backend}: ${device.description}\n`);
    const [step, dispose] = stepOf(name, batch, device);
    const { calls, ...figures } = await profileStep(device, () => {
      signal.throwIfAborted();
      step();
    });
    dispose();
    const rows = kernelReport(calls);
    if (options.json) {
      const plain = { step: name, batch, ...figures, predictedFor: GPUS, report: rows };
      return out.line(JSON.stringify(plain, null, 2));
    }
    out.line(`${formatTable(countsTable(`One step (${name}, ${batch} images)`, figures))}\n`);
    out.line(`${formatTable(kernelTable(rows, figures.unseenCalls))}\n`);
    out.line(formatTable(predictionTable(rows)));
  } finally {
    out.end();
    device.close();
  }
}
