/**
 * What a run tells of itself: strings in its checkpoint, and the command that repeats it.
 *
 * @module
 */
import { VERSION } from "../../version.ts";
import { notesOfOrigin, type Origin } from "./origin.ts";
import { presetOf } from "./presets.ts";
import type { RunSettings } from "./settings.ts";

/** What became of a run. */
export interface TrainResult extends RunSettings {
  /** Images that it was trained on. */
  readonly trainExamples: number;
  readonly steps: number;
  readonly testExamples: number;
  readonly testCorrect: number;
  readonly testAccuracy: number;
  /** Time of training, with the evaluation after each epoch, over all its parts. */
  readonly seconds: number;
  readonly device: string;
  readonly checkpoint: string;
}

/** The strings of a checkpoint. Where it lies is no part of them. */
export function notesOf(
  { checkpoint: _, ...result }: TrainResult,
  origin: Origin | undefined,
): Record<string, string> {
  const notes = Object.entries(result).map(([name, it]) => [name, String(it)]);
  return {
    ...Object.fromEntries(notes),
    ...origin && notesOfOrigin(origin),
    command: commandOf(result),
    version: VERSION,
  };
}

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A word as a shell takes it. */
const quoted = (word: string) => {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
};

/** The command that makes the same run: only what is not usual for its model and data. */
export function commandOf(settings: RunSettings): string {
  const { model, data, from } = settings, usual = presetOf(model, data, from);
  const options = (Object.keys(usual) as (keyof RunSettings)[]).flatMap((name) => {
    const value = settings[name];
    if (["model", "data", "note"].includes(name) || value === usual[name]) return [];
    if (name === "flip") return value === false ? ["--no-flip"] : ["--flip"];
    return [`--${kebab(name)} ${value}`];
  });
  const origin = from === "" ? [] : [`--from ${quoted(from)}`];
  return ["npx tapegrad train", `--model ${model}`, `--data ${data}`, ...origin, ...options]
    .join(" ");
}
