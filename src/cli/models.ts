/**
 * `tapegrad models`: the networks that can be trained, with what each costs, and the trained ones
 * that come with the package.
 *
 * @module
 */
import { type ModelEntry, type ModelName, models, readSafetensors } from "../nn/mod.ts";
import { pretrainedNames } from "../nn/node.ts";
import { formatTable, wilson } from "../report/mod.ts";
import { readCheckpoint } from "./files.ts";
import type { Terminal } from "./terminal.ts";

/** Help and options of the command. */
export const MODELS_HELP = {
  summary: "the networks, what each costs, and the trained ones",
  options: { help: { type: "boolean", short: "h" }, json: { type: "boolean" } },
  text: `Usage: tapegrad models [--json]

Lists the networks that tapegrad train knows, with parameters, floating-point operations and
activations for one image, and the trained networks that come with the package: tapegrad evaluate
takes their names, and checkpoints/NAME.md tells how each was made.`,
} as const;

/** What is listed of a trained network. */
interface Trained {
  readonly name: string;
  readonly model: string;
  readonly data: string;
  readonly testCorrect: number;
  readonly testExamples: number;
  readonly note: string;
}

async function trainedOf(name: string): Promise<Trained> {
  const { metadata } = readSafetensors(await readCheckpoint(name));
  const { model = "", data = "", note = "", testCorrect = "", testExamples = "" } = metadata;
  const counts = { testCorrect: Number(testCorrect), testExamples: Number(testExamples) };
  return { name, model, data, note, ...counts };
}

/** Prints both lists. */
export async function modelsCommand(
  options: { readonly json?: boolean | undefined },
  out: Terminal,
): Promise<void> {
  const trained = await Promise.all((await pretrainedNames()).map(trainedOf));
  const known = Object.entries(models) as [ModelName, ModelEntry][];
  if (options.json) {
    const list = known.map(([name, { title, input, cost }]) => ({ name, title, input, ...cost }));
    return out.line(JSON.stringify({ models: list, trained }, null, 2));
  }
  out.line(formatTable({
    caption: "Networks",
    columns: [
      { head: "model", kind: "text" },
      { head: "image", kind: "text" },
      { head: "parameters", kind: "count" },
      { head: "MFLOP", kind: "number", digits: 1 },
      { head: "activations", kind: "count" },
      { head: "what", kind: "text" },
    ],
    rows: known.map(([name, { title, input, cost: { parameters, flops, activations } }]) => {
      return [name, input.join("x"), parameters, flops / 1e6, activations, title];
    }),
  }));
  out.line();
  if (trained.length === 0) return out.line("No trained network came with the package.");
  out.line(formatTable({
    caption: "Trained networks",
    columns: [
      { head: "name", kind: "text" },
      { head: "model", kind: "text" },
      { head: "test accuracy", kind: "percent", digits: 2 },
      { head: "data", kind: "text" },
    ],
    rows: trained.map(({ name, model, data, note, testCorrect, testExamples }) => {
      return [name, model, wilson(testCorrect, testExamples), note === "" ? data : note];
    }),
  }));
}
