/**
 * The trained network that a run begins with, instead of random weights.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Device } from "../../backend/mod.ts";
import type { Dataset } from "../../data/mod.ts";
import { type Module, readSafetensors, restoreModel } from "../../nn/mod.ts";
import { checkClasses } from "../data.ts";
import { readCheckpoint } from "../files.ts";
import type { RunSettings } from "./settings.ts";

/** A checkpoint to begin with. */
export interface Origin {
  readonly bytes: Uint8Array;
  /** What it tells of itself. */
  readonly notes: Readonly<Record<string, string>>;
}

/** The checkpoint in these bytes. */
export function originIn(bytes: Uint8Array): Origin {
  return { bytes, notes: readSafetensors(bytes).metadata };
}

/** The checkpoint that --from names, a file or a network that comes with the package. */
export async function originOf(from: string | undefined): Promise<Origin | undefined> {
  return from === undefined ? undefined : originIn(await readCheckpoint(from));
}

/**
 * The network of a checkpoint, to be trained further on these images.
 *
 * @throws RangeError when it knows other classes.
 * @throws CheckpointError when it is not of the model of the run.
 */
export function continuedModel(
  { bytes, notes }: Origin,
  { model, from }: Pick<RunSettings, "model" | "from">,
  data: Dataset,
  device: Device,
): Module {
  const { imageShape: image, classes } = data;
  checkClasses(`train ${from}`, notes, data);
  return restoreModel(bytes, { description: { model, image, classes }, device }).network;
}

/** What a checkpoint says of the one that it began with, and through it of all before: a line each. */
export function notesOfOrigin({ bytes, notes }: Origin): Record<string, string> {
  const fromSha256 = createHash("sha256").update(bytes).digest("hex");
  const { command, seconds, fromCommand, fromSeconds = "0" } = notes;
  return {
    fromSha256,
    ...command !== undefined && {
      fromCommand: fromCommand === undefined ? command : `${fromCommand}\n${command}`,
    },
    ...seconds !== undefined && { fromSeconds: (Number(seconds) + Number(fromSeconds)).toFixed(1) },
  };
}
