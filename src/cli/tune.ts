/**
 * `tapegrad tune`: measures which kernels are fastest on this machine's GPU, and keeps the choice.
 *
 * @module
 */
import {
  forgetTuning,
  openDevice,
  tune as tuneStep,
  type TunedCall,
  type TuneReport,
} from "../backend/mod.ts";
import { formatTable, type Table } from "../report/mod.ts";
import { batchOf, modelNamed, type StepName, stepNamed, stepOf } from "./steps.ts";
import type { Terminal } from "./terminal.ts";

/** Help and options of the command. */
export const TUNE_HELP = {
  summary: "measure which kernels are fastest on this machine's GPU",
  options: {
    help: { type: "boolean", short: "h" },
    step: { type: "string" },
    model: { type: "string" },
    batch: { type: "string" },
    budget: { type: "string" },
    clear: { type: "boolean" },
    json: { type: "boolean" },
  },
  text: `Usage: tapegrad tune [options]

Runs steps of a model on random images on the GPU, tries the ways in which each kernel call can be
computed, checks each against the reference, and keeps the fastest for this adapter. Ctrl-C keeps
what was found. TAPEGRAD_TUNING says in which file, or "off".

Options:
  --step NAME      train, fgsm or pgd. Default: train and fgsm
  --model NAME     smallCnn (default), vgg, resnet8, resnet20, resnet18, inception, densenet
  --batch N        images in a batch; choices count for batches of this size. Default 64
  --budget SECONDS when to stop measuring. Default: when all is measured
  --clear          forgets what was measured on this adapter, and measures nothing
  --json           all figures as JSON
  -h, --help       this text`,
} as const;

/** Values of the command's options. */
export interface TuneCommandOptions {
  readonly step?: string | undefined;
  readonly model?: string | undefined;
  readonly batch?: string | undefined;
  readonly budget?: string | undefined;
  readonly clear?: boolean | undefined;
  readonly json?: boolean | undefined;
}

function budgetOf(text: string | undefined): number {
  const budget = text === undefined ? Infinity : Number(text);
  if (budget > 0) return budget;
  throw new RangeError(`Cannot tune for ${text} seconds: it must be a number > 0`);
}

/** Tunes, and prints what was found. */
export async function tune(
  options: TuneCommandOptions,
  { out, signal }: { readonly out: Terminal; readonly signal: AbortSignal },
): Promise<void> {
  const model = modelNamed("tune", options.model ?? "smallCnn");
  const batch = batchOf(options.batch ?? "64"), seconds = budgetOf(options.budget);
  const steps: readonly StepName[] = options.step === undefined
    ? ["train", "fgsm"]
    : [stepNamed("tune", options.step)];
  const device = await openDevice("webgpu");
  const end = performance.now() + seconds * 1000, reports: TuneReport[] = [];
  try {
    if (!options.json) out.line(`device  ${device.backend}: ${device.description}`);
    if (options.clear) {
      await forgetTuning(device);
      return out.line(options.json ? "[]" : "Forgotten.");
    }
    for (const name of steps) {
      if (signal.aborted) break;
      const budget = (end - performance.now()) / 1000;
      const step = stepOf({ name, model, batch }, device), onProgress = out.progress(name);
      reports.push(await tuneStep(device, step.run, { budget, signal, onProgress }));
      step.dispose();
    }
    out.end();
    if (options.json) return out.line(JSON.stringify(reports, null, 2));
    show(reports, out);
    signal.throwIfAborted();
  } finally {
    out.end();
    device.close();
  }
}

function show(reports: readonly TuneReport[], out: Terminal): void {
  const calls = reports.flatMap((report) => report.calls);
  out.line();
  if (calls.length > 0) out.line(formatTable(tableOf(calls)));
  for (const { kernel, shapes, ways } of calls) {
    for (const { way, error } of ways) {
      if (error !== null) out.line(`${kernel} ${shapes}: ${way} may not be chosen, ${error}`);
    }
  }
  const left = reports.reduce((sum, report) => sum + report.left, 0);
  const place = reports.find(({ kept }) => kept !== null)?.kept;
  if (left > 0) out.line(`${left} kernel calls were not measured.`);
  if (calls.length === 0) out.line("No kernel call was measured.");
  else out.line(place ? `Kept in ${place}.` : "Kept nowhere: TAPEGRAD_TUNING is off.");
}

function tableOf(calls: readonly TunedCall[]): Table {
  return {
    columns: [
      { head: "kernel", kind: "text" },
      { head: "shapes", kind: "text" },
      { head: "chosen", kind: "text" },
      { head: "before", kind: "text" },
      { head: "times as fast", kind: "number", digits: 2 },
    ],
    rows: calls.map(({ kernel, shapes, ways, chosen, before }) => {
      const [was, is] = [before, chosen].map((name) => {
        return ways.find(({ way }) => way === name)!.seconds;
      });
      const gain = was && is ? was / is : null;
      return [kernel, shapes, chosen, before === chosen ? "the same" : before, gain];
    }),
  };
}
