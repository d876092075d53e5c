/**
 * `tapegrad demo`, the main job: on real handwritten digits, train small networks, attack them, and
 * see which training helps against what. Writes a report, pictures and all figures.
 *
 * @module
 */
import { join } from "node:path";
import { type Device, type DeviceChoice, openDevice } from "../../backend/mod.ts";
import { digits } from "../../data/node.ts";
import { renderReport } from "../../report/mod.ts";
import { writeWhole } from "../files.ts";
import type { Terminal } from "../terminal.ts";
import { type Experiment, partsOf, recipesOf, runNetwork } from "./experiment.ts";
import { pictureFiles } from "./pictures.ts";
import { reportOf } from "./report.ts";
import { type DemoSettings, FULL, SHORT } from "./settings.ts";
import { summaryTable } from "./tables.ts";

/** Help and options of the command. */
export const DEMO_HELP = {
  summary: "train, attack and compare small networks on handwritten digits (the main job)",
  options: {
    help: { type: "boolean", short: "h" },
    short: { type: "boolean" },
    device: { type: "string" },
    seed: { type: "string" },
    out: { type: "string" },
  },
  text: `Usage: tapegrad demo [options]

Trains three small networks on handwritten digits (on clean images, with random noise, with sign
steps), attacks each in the same ways, and writes report.html, pictures and results.json.

Options:
  --device NAME  auto (default), webgpu, cpu or reference
  --seed N       whole number; the same seed gives the same results. Default 1
  --out FOLDER   where to write. Default report
  --short        fewer digits, for a quick look
  -h, --help     this text`,
} as const;

/** Values of the command's options. */
export interface DemoOptions {
  readonly short?: boolean | undefined;
  readonly device?: string | undefined;
  readonly seed?: string | undefined;
  readonly out?: string | undefined;
}

function settingsOf({ short, seed }: DemoOptions): DemoSettings {
  const settings = short ? SHORT : FULL;
  if (seed === undefined) return settings;
  const number = Number(seed);
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new RangeError(`Cannot use the seed ${seed}: it must be a whole number >= 0`);
  }
  return { ...settings, seed: number };
}

/** Runs the experiment on a device. */
async function experiment(
  settings: DemoSettings,
  device: Device,
  { out, signal }: { readonly out: Terminal; readonly signal: AbortSignal },
): Promise<Experiment> {
  const start = performance.now();
  const data = await digits();
  const parts = partsOf(data, settings);
  out.line(
    `data    ${data.labels.length} digits: ${settings.trainSize} to train, ` +
      `${settings.testSize} to test, ${settings.attackSize} of these attacked`,
  );
  const networks = [];
  for (const recipe of recipesOf(settings)) {
    const lab = { device, signal, progress: (what: string) => out.progress(what) };
    networks.push(await runNetwork(recipe, parts, settings, lab));
  }
  return {
    settings,
    networks,
    imageShape: data.imageShape,
    classes: data.classes,
    device: `${device.backend}: ${device.description}`,
    date: new Date().toISOString(),
    seconds: (performance.now() - start) / 1000,
  };
}

/** Runs the main job. */
export async function demo(
  options: DemoOptions,
  { out, signal }: { readonly out: Terminal; readonly signal: AbortSignal },
): Promise<void> {
  const settings = settingsOf(options);
  const folder = options.out ?? "report";
  const device = await openDevice((options.device ?? "auto") as DeviceChoice);
  try {
    out.line(`device  ${device.backend}: ${device.description}`);
    const result = await experiment(settings, device, { out, signal });
    out.line(`\n${summaryTable(result)}\n`);
    const pictures = pictureFiles(result);
    const files: [string, string | Uint8Array][] = [
      ["report.html", renderReport(reportOf(result, pictures))],
      ...pictures.map(({ name, png }): [string, Uint8Array] => [name, png]),
      ["results.json", `${JSON.stringify(result.networks.map(plain), null, 2)}\n`],
    ];
    for (const [name, content] of files) await writeWhole(join(folder, name), content);
    out.line(`wrote   ${files.map(([name]) => join(folder, name)).join("\n        ")}`);
    out.line(`in      ${result.seconds.toFixed(1)} s`);
  } finally {
    out.end();
    device.close();
  }
}

/** Figures without pixels. */
function plain({ recipe, history, seconds, clean, rows }: Experiment["networks"][number]) {
  const row = ({ attack: _, ...figures }: typeof clean) => figures;
  return { name: recipe.name, history, seconds, clean: row(clean), attacked: rows.map(row) };
}
